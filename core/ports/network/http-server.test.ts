import { afterEach, expect, spyOn, test } from "bun:test";
import { join } from "node:path";
import { testFolder } from "../../testing/test-folder.ts";
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

test("a slow answer is waited for on the unix socket as on a port: a node has half a minute", () => {
  const serve = spyOn(Bun, "serve");
  try {
    const handle = async () => new Response("here");
    open.push(listen({ at: { path: join(testFolder(), "c.sock") }, maxBodyBytes: 1024, handle }));
    listenAt(0);
    for (const [options] of serve.mock.calls)
      expect((options as { idleTimeout?: number }).idleTimeout).toBeGreaterThan(30);
    expect(serve).toHaveBeenCalledTimes(2);
  } finally {
    serve.mockRestore();
  }
});
