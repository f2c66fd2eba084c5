import { afterEach, expect, test } from "bun:test";
import { type Listener, listen } from "./http-server.ts";

const open: Listener[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.stop(0)));
});

function listenAt(port: number): Listener {
  const handle = async () => new Response("here");
  const listener = listen({ at: { host: "127.0.0.1", port }, maxBodyBytes: 1024, handle });
  open.push(listener);
  return listener;
}

test("a port that is taken is refused, not shared: else half of the requests would reach another program", () => {
  const { port } = listenAt(0);
  expect(() => listenAt(port)).toThrow(`127.0.0.1:${port} is in use by another program`);
});
