import { expect, test } from "bun:test";
import { routes } from "../http/routes.ts";
import { type Captured, joinString } from "../testing/remote-node.ts";
import { createTestNode } from "../testing/test-node.ts";
import { createTestApi, NODE_B, type TestApi } from "../testing/test-api.ts";
import { sampleHeartbeat, sampleReport } from "../testing/wire-samples.ts";
import { WIRE_VERSION } from "../wire/envelope.ts";

async function joined(t: TestApi) {
  const node = createTestNode(t);
  await node.join(await joinString(t, { autoApprove: true }));
  const { client } = node.connect();
  await client.synchronize();
  return { node, client };
}

const again = (t: TestApi, { method, path, headers, body }: Captured, change: Partial<Captured> = {}) =>
  t.send(change.method ?? method, change.path ?? path, {
    headers: { ...headers, ...change.headers },
    body: change.body ?? body,
    // So many addresses that none is held back for its number of tries.
    ip: `10.6.${(tries += 1) >> 8}.${tries & 255}`,
  });
let tries = 0;

const changes = (t: TestApi) => JSON.stringify([t.store.nodes.all(), t.store.enrolment.nodes.all()]);

test("T14 one changed byte anywhere in a captured request, and it is refused", async () => {
  const t = createTestApi();
  const { node, client } = await joined(t);
  node.cut(true);
  await client.post("/api/v1/heartbeat", sampleHeartbeat(t.clock.now()), 1000).catch(() => undefined);
  node.cut(false);
  // Signed, captured on its way, and never arrived: what is refused is refused for its content.
  const caught = node.captured.at(-1)!;
  const before = changes(t);
  const refused = async (change: Partial<Captured>) => {
    const { status } = await again(t, caught, change);
    expect([400, 401, 403, 404, 405]).toContain(status);
  };
  for (let at = 0; at < caught.body.length; at += 1) await refused({ body: flipped(caught.body, at) });
  const signature = caught.headers.authorization!;
  for (let at = "Cortex-Ed25519 ".length; at < signature.length; at += 1)
    await refused({ headers: { authorization: flipped(signature, at) } });
  await refused({ path: "/api/v1/reports" });
  await refused({ path: "/api/v1/heartbeat?x=1" });
  await refused({ method: "PATCH" });
  expect(changes(t)).toBe(before);
  // The control: as it was sent, it is taken.
  expect((await again(t, caught)).status).toBe(200);
});

function flipped(text: string, at: number): string {
  const code = text.charCodeAt(at);
  return text.slice(0, at) + String.fromCharCode(code === 120 ? 121 : 120) + text.slice(at + 1);
}

test("T15 a replayed report changes nothing, at once and after a restart of the Monitor", async () => {
  const t = createTestApi();
  const { node, client } = await joined(t);
  for (let n = 0; n < 50; n += 1)
    expect((await client.post("/api/v1/reports", sampleReport(t.clock.now()), 1000)).status).toBe(200);
  const sent = node.captured.filter((one) => one.path === "/api/v1/reports");
  const before = changes(t);
  const heard = t.monitor.nodes.item(node.id)!.lastSeenAt;
  await t.clock.advance(1000);
  const statuses = new Set<number>();
  for (const one of sent) statuses.add((await again(t, one)).status);
  expect([...statuses]).toEqual([409]);
  expect(changes(t)).toBe(before);
  expect(t.monitor.nodes.item(node.id)!.lastSeenAt).toBe(heard);
  // What was taken is on the disk, not only in memory.
  expect(t.store.enrolment.requests.seen(node.id, 1)).toEqual([[1, 50]]);
});

test("T16 a message for one Monitor is worth nothing at another that knows the same node", async () => {
  const [a, b] = [createTestApi(), createTestApi()];
  const { node, client } = await joined(a);
  const twin = createTestNode(b, { keys: node.keys });
  await twin.join(await joinString(b, { autoApprove: true }));
  await client.post("/api/v1/heartbeat", sampleHeartbeat(a.clock.now()), 1000).catch(() => undefined);
  const caught = node.captured.find((one) => one.path === "/api/v1/heartbeat")!;
  expect(await again(b, caught)).toMatchObject({ status: 401, json: { error: { code: "node.signature" } } });
});

test("T09 a node's signature opens no route but those for nodes", async () => {
  const t = createTestApi();
  const { node, client } = await joined(t);
  await client.post("/api/v1/heartbeat", sampleHeartbeat(t.clock.now()), 1000);
  const { authorization } = node.captured.at(-1)!.headers;
  for (const { method, path, access } of routes) {
    if (method === "WS" || access === "public" || access.scope === "node") continue;
    const at = path.replace(":id", node.id).replaceAll(/:\w+/g, "x");
    const { status } = await t.send(method, at, {
      headers: { authorization: authorization! },
      ...(method === "GET" ? {} : { body: {} }),
    });
    expect([401, 403]).toContain(status);
  }
});

test("T10 a node speaks for itself only: about another it is refused, and the other is not heard", async () => {
  const t = createTestApi();
  await t.connect(NODE_B).tell({ type: "heartbeat", body: sampleHeartbeat(t.clock.now()) });
  await t.clock.advance(1000);
  const { lastSeenAt } = t.monitor.nodes.item(NODE_B)!;
  await t.clock.advance(1000);
  const { client } = await joined(t);
  const body = sampleHeartbeat(t.clock.now());
  const foreign = {
    v: WIRE_VERSION,
    type: "heartbeat",
    id: crypto.randomUUID(),
    node: NODE_B,
    epoch: 9,
    seq: 1,
    at: body.at,
    body,
  };
  expect((await client.post("/api/v1/heartbeat", foreign, 1000)).status).toBe(403);
  const connected = await client.post("/api/v1/link/connect", { session: null, version: "1" }, 1000);
  const { session } = connected.json as { session: string };
  const wish = { session, envelopes: [foreign], answers: [], running: [], waitSeconds: 0 };
  expect((await client.post("/api/v1/link", wish, 1000)).json).toMatchObject({ handled: 1 });
  expect(t.store.inbox.quarantined().count).toBe(1);
  expect(t.monitor.nodes.item(NODE_B)!.lastSeenAt).toBe(lastSeenAt);
});

test("a message that was held back for more than five minutes is refused, whatever the node's own clock says", async () => {
  const t = createTestApi();
  const { node, client } = await joined(t);
  node.cut(true);
  await client.post("/api/v1/heartbeat", sampleHeartbeat(t.clock.now()), 1000).catch(() => undefined);
  const caught = node.captured.at(-1)!;
  await t.clock.advance(301_000);
  expect(await again(t, caught)).toMatchObject({ status: 401, json: { error: { code: "node.clock" } } });
});

test("an answer is believed only with the Monitor's signature over it and the very request", async () => {
  const t = createTestApi();
  const { node } = await joined(t);
  type Answer = Awaited<ReturnType<typeof node.fetch>>;
  let forge = (answer: Answer): Answer => answer;
  const { client } = createTestNode(t, {
    keys: node.keys,
    epoch: 2,
    through: async (url, options) => forge(await node.fetch(url, options)),
  }).connect();
  await client.synchronize();
  const beat = () => client.post("/api/v1/heartbeat", sampleHeartbeat(t.clock.now()), 1000);
  let earlier: Answer | null = null;
  forge = (answer) => (earlier = answer);
  expect((await beat()).status).toBe(200);
  const lies: ((answer: Answer) => Answer)[] = [
    (answer) => ({ ...answer, status: 403 }),
    (answer) => ({ ...answer, body: answer.body.replace("stored", "storex") }),
    (answer) => ({ ...answer, headers: { ...answer.headers, "cortex-time": "1" } }),
    (answer) => ({ ...answer, headers: {} }),
    // A true answer, but to another request.
    () => earlier!,
  ];
  for (const lie of lies) {
    forge = lie;
    const code = await beat().then(
      () => "believed",
      (error: unknown) => (error as { code: string }).code,
    );
    expect(code).toBe("link.unsigned");
  }
});

test("a signature and a cookie at once are refused", async () => {
  const t = createTestApi();
  const cookie = await t.setUp();
  const { node, client } = await joined(t);
  node.cut(true);
  await client.post("/api/v1/heartbeat", sampleHeartbeat(t.clock.now()), 1000).catch(() => undefined);
  const { headers, body } = node.captured.at(-1)!;
  const answer = await t.send("POST", "/api/v1/heartbeat", { headers, body, cookie });
  expect(answer.json.error.code).toBe("http.two_credentials");
});
