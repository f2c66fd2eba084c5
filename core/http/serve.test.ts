import { afterEach, expect, test } from "bun:test";
import { once } from "node:events";
import { renameSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createTestApi, NODE_A } from "../testing/test-api.ts";
import { testFolder } from "../testing/test-folder.ts";
import { sampleProblem } from "../testing/wire-samples.ts";
import { serve, type Served } from "./serve.ts";

const running: Served[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop(0)));
});

async function start(socket = false) {
  const api = createTestApi();
  const folder = testFolder();
  const path = socket ? join(folder, "cortex.sock") : null;
  const server = await serve(api.api, { listen: "127.0.0.1:0", socket: path });
  running.push(server);
  return { api, server, path };
}

/** Messages of a real socket, one at a time. */
function connect(url: string, headers: Record<string, string>) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/live`, { headers } as never);
  const messages: { type: string; seq: number; items: { id: string }[] }[] = [];
  const waiting: (() => void)[] = [];
  const wake = () => waiting.splice(0).forEach((resume) => resume());
  const closed = new Promise<number>((resolve) => {
    socket.onclose = (event) => resolve(event.code);
  });
  socket.onmessage = (event) => {
    messages.push(JSON.parse(String(event.data)));
    wake();
  };
  const opened = new Promise<void>((resolve) => {
    socket.onopen = () => resolve();
  });
  const next = async () => {
    while (messages.length === 0) await new Promise<void>((resume) => waiting.push(resume));
    return messages.shift()!;
  };
  return { socket, opened, closed, next };
}

test("the API answers over TCP, with an address of the peer", async () => {
  const { server, api } = await start();
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${server.url}/api/v1/nodes`)).status).toBe(401);
  const key = await api.createKey("viewer");
  const answer = await fetch(`${server.url}/api/v1/nodes`, { headers: { authorization: `Bearer ${key}` } });
  expect([answer.status, await answer.json()]).toEqual([200, { items: [], next: null }]);
});

test("T106 who reaches the unix socket is the local administrator, and only this account reaches it", async () => {
  const { path } = await start(true);
  expect(statSync(path!).mode & 0o777).toBe(0o600);
  const answer = await fetch("http://localhost/api/v1/auth/session", { unix: path! });
  expect(await answer.json()).toMatchObject({ user: { name: "local", role: "admin", kind: "local" } });
});

test("a live socket carries changes and is closed when its key is deleted", async () => {
  const { server, api } = await start();
  const key = await api.createKey("viewer");
  const live = connect(server.url, { authorization: `Bearer ${key}` });
  await live.opened;
  live.socket.send(JSON.stringify({ subscribe: ["problems"] }));
  expect(await live.next()).toMatchObject({ type: "snapshot", items: [] });
  const problem = sampleProblem(api.clock.now());
  await api.connect(NODE_A).tell({ type: "problem", body: problem });
  expect(await live.next()).toMatchObject({ type: "patch", items: [{ id: problem.id }] });
  const admin = await api.createKey("admin");
  await fetch(`${server.url}/api/v1/keys/${key.split(":")[0]}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${admin}` },
  });
  expect(await live.closed).toBe(1008);
});

test("an upgrade without a credential is refused as a request", async () => {
  const { server } = await start();
  const answer = await fetch(`${server.url}/api/v1/live`, {
    headers: {
      connection: "upgrade",
      upgrade: "websocket",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-version": "13",
    },
  });
  expect(answer.status).toBe(401);
});

test("a port in use says so and what to do", async () => {
  const { server } = await start();
  const other = createTestApi();
  const error = await serve(other.api, { listen: `127.0.0.1:${server.port}`, socket: null }).catch(
    (failed: unknown) => failed,
  );
  expect(error).toMatchObject({ code: "http.port_in_use" });
  expect(String(error)).toContain("server.listen");
  const nonsense = await serve(other.api, { listen: "somewhere", socket: null }).catch(
    (failed: unknown) => failed,
  );
  expect(nonsense).toMatchObject({ code: "http.listen_invalid" });
});

test("a socket file left by a crash is replaced", async () => {
  const { path, server } = await start(true);
  await server.stop(0);
  running.length = 0;
  // Closing a listener removes the file it bound; this one is elsewhere by then, with nobody listening.
  const listener = createServer().listen(`${path!}.bound`);
  await once(listener, "listening");
  renameSync(`${path!}.bound`, path!);
  listener.close();
  const api = createTestApi();
  const again = await serve(api.api, { listen: "127.0.0.1:0", socket: path });
  running.push(again);
  expect((await fetch("http://localhost/healthz", { unix: path! })).status).toBe(200);
});

test("stopping tells live clients and frees the port", async () => {
  const { server, api } = await start();
  const live = connect(server.url, { authorization: `Bearer ${await api.createKey("viewer")}` });
  await live.opened;
  await server.stop(100);
  running.length = 0;
  expect(await live.closed).toBe(1001);
  expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
});
