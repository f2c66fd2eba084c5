/**
 * A reverse proxy as one writes it in a hurry: whatever comes in is passed on as if the dashboard's own page had sent it,
 * under the name that Cortex expects. What Cortex checks is then no longer there to be seen, so every attack that these
 * checks are against succeeds through it: the control of the scenarios beside it.
 */
import type { Cortex } from "../lib/cortex.ts";
import type { Rig } from "../lib/rig.ts";

interface Pair {
  upstream: WebSocket;
  early: string[];
}

/** Port of the proxy, on the loopback address. */
export function startNaiveProxy(rig: Rig, cortex: Cortex): number {
  const own = new URL(cortex.url);
  const server = Bun.serve<Pair>({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request, bun) {
      const headers = new Headers({ host: own.host, origin: own.origin, "sec-fetch-site": "same-origin" });
      for (const name of ["cookie", "authorization"]) {
        const value = request.headers.get(name);
        if (value !== null) headers.set(name, value);
      }
      if (request.headers.get("upgrade")) {
        const cookie = headers.get("cookie") ?? "";
        const upstream = new WebSocket(`ws://${own.host}/api/v1/live`, {
          headers: { cookie, origin: own.origin },
        } as unknown as string[]);
        return bun.upgrade(request, { data: { upstream, early: [] } })
          ? undefined
          : new Response(null, { status: 426 });
      }
      const { pathname, search } = new URL(request.url, "http://localhost");
      const method = ["GET", "POST", "PATCH", "DELETE"].includes(request.method) ? request.method : "GET";
      const body = method === "GET" ? undefined : await request.text();
      if (body !== undefined) headers.set("content-type", "application/json");
      const answer = await fetch(`${own.origin}${pathname}${search}`, { method, headers, body });
      const allowed = new Headers(answer.headers);
      const origin = request.headers.get("origin");
      // And so that "it works from the other page", too.
      if (origin !== null) allowed.set("access-control-allow-origin", origin);
      allowed.set("access-control-allow-credentials", "true");
      for (const name of ["x-frame-options", "content-security-policy", "cross-origin-resource-policy"])
        allowed.delete(name);
      return new Response(answer.body, { status: answer.status, headers: allowed });
    },
    websocket: {
      open(socket) {
        const { upstream, early } = socket.data;
        upstream.onopen = () => early.splice(0).forEach((text) => upstream.send(text));
        upstream.onmessage = ({ data }) => void socket.send(String(data));
      },
      message(socket, text) {
        const { upstream, early } = socket.data;
        if (upstream.readyState === WebSocket.OPEN) upstream.send(String(text));
        else early.push(String(text));
      },
      close: (socket) => socket.data.upstream.close(),
    },
  });
  rig.atEnd(() => server.stop(true));
  return server.port!;
}
