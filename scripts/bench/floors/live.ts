/** Bun's own publish and subscribe: what arrives by POST goes to everybody, unstored and unread. */
const port = Number(process.argv[2]);
const server = Bun.serve({
  hostname: "127.0.0.1",
  port,
  async fetch(request, bun) {
    const { pathname } = new URL(request.url);
    if (pathname === "/api/v1/live")
      return bun.upgrade(request) ? undefined : new Response(null, { status: 400 });
    if (request.method === "POST") server.publish("all", await request.text());
    return new Response("{}");
  },
  websocket: {
    open: (socket) => void socket.subscribe("all"),
    message: (socket) => void socket.send('{"type":"snapshot"}'),
  },
});
