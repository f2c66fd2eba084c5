import { expect, test } from "bun:test";
import { createTestApi, NODE_A } from "../testing/test-api.ts";
import { iso, sampleHeartbeat, sampleProblem } from "../testing/wire-samples.ts";

const OWN = { origin: "http://localhost" };

test("a subscriber sees what is, then each change in order", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const node = api.connect(NODE_A);
  const problem = sampleProblem(api.clock.now());
  await node.tell({ type: "problem", body: problem });
  const live = await api.live({ cookie, headers: OWN });
  live.say({ subscribe: ["problems", "nodes"] });
  const resolved = {
    ...problem,
    state: "resolved",
    updatedAt: iso(api.clock.now() + 1),
    resolvedAt: iso(api.clock.now() + 1),
  };
  await node.tell({ type: "problem", body: resolved });

  const problems = live.got.filter((message) => message.topic === "problems");
  expect(problems.map((message) => message.type)).toEqual(["snapshot", "patch"]);
  expect(problems[0]!.items).toEqual([{ ...problem, node: NODE_A, nodeName: NODE_A } as never]);
  expect(problems[1]!.items).toMatchObject([{ id: problem.id, state: "resolved" }]);
  expect(problems[1]!.seq).toBe(problems[0]!.seq + 1);
  await api.clock.advance(1000);
  const nodes = live.got.filter((message) => message.topic === "nodes");
  expect(nodes[0]!.type).toBe("snapshot");
  expect(nodes.at(-1)!.items).toMatchObject([{ id: NODE_A, state: "online", openProblems: 0 }]);
});

test("a gap heals: who was away gets what was missed", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const node = api.connect(NODE_A);
  const first = await api.live({ cookie, headers: OWN });
  first.say({ subscribe: ["problems"] });
  const seq = first.got[0]!.seq;
  const problems = [1, 2, 3].map((ms) => sampleProblem(api.clock.now() + ms));
  for (const body of problems) await node.tell({ type: "problem", body });
  const second = await api.live({ cookie, headers: OWN });
  second.say({ subscribe: ["problems"], since: { problems: seq + 1 } });
  expect(second.got.map((message) => [message.type, message.seq])).toEqual([
    ["patch", seq + 2],
    ["patch", seq + 3],
  ]);
  expect(second.got.map((message) => message.items[0]!.id)).toEqual(problems.slice(1).map((body) => body.id));
});

test("T56 only our own pages and holders of keys may open a socket", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const key = await api.createKey("viewer");
  const open = async (call: Parameters<typeof api.live>[0]) => (await api.live(call)).response?.status ?? 101;
  expect(await open({ cookie, headers: OWN })).toBe(101);
  expect(await open({ cookie, headers: { origin: "https://evil.example" } })).toBe(403);
  expect(await open({ cookie, headers: { origin: "null" } })).toBe(403);
  expect(await open({ cookie })).toBe(403);
  expect(await open({ headers: OWN })).toBe(401);
  expect(await open({ key })).toBe(101);
  expect(await open({ key, headers: { origin: "https://evil.example" } })).toBe(403);
  expect(await open({ key: await api.createKey("node", NODE_A) })).toBe(403);
  expect(await open({ cookie, headers: { ...OWN, upgrade: "" } })).toBe(426);
});

test("ending a session closes its sockets at once and no others", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const key = await api.createKey("viewer");
  const [mine, other] = [await api.live({ cookie, headers: OWN }), await api.live({ key })];
  await api.api.start();
  await api.send("POST", "/api/v1/auth/logout", { cookie, body: {} });
  expect(mine.state.closed).toEqual({ code: 1008, reason: "session ended" });
  expect(other.state.closed).toBeNull();
});

test("a session that runs out and a key that expires lose their sockets within two seconds", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const expiresAt = iso(api.clock.now() + 60_000);
  const { secret } = (
    await api.send("POST", "/api/v1/keys", { cookie, body: { name: "k", role: "viewer", expiresAt } })
  ).json;
  const [session, key] = [await api.live({ cookie, headers: OWN }), await api.live({ key: secret })];
  api.api.start();
  await api.clock.advance(59_000);
  expect(key.state.closed).toBeNull();
  await api.clock.advance(3000);
  expect(key.state.closed).not.toBeNull();
  expect(session.state.closed).toBeNull();
  await api.clock.advance(1_800_000);
  expect(session.state.closed).not.toBeNull();
});

test("sockets are pinged, so that nothing on the way takes them for dead", async () => {
  const api = createTestApi();
  const live = await api.live({ key: await api.createKey("viewer") });
  api.api.start();
  await api.clock.advance(61_000);
  expect(live.state.pings).toBe(3);
});

test("nonsense gets an error and never an echo; a flood gets the door", async () => {
  const api = createTestApi();
  const live = await api.live({ key: await api.createKey("viewer") });
  for (const message of [
    "{",
    "[]",
    '"x"',
    { subscribe: ["secrets"] },
    { subscribe: ["nodes"], exec: "S3cret" },
  ])
    live.say(message);
  expect(live.got.map((message) => message.type)).toEqual(Array(5).fill("error"));
  expect(JSON.stringify(live.got)).not.toContain("S3cret");
  for (let i = 0; i < 20; i += 1) live.say({ subscribe: ["nodes"] });
  expect(live.state.closed).toEqual({ code: 1008, reason: "too many requests" });
});

test("signs of life are bundled, so that a fleet's heartbeats are not a patch each", async () => {
  const api = createTestApi();
  const live = await api.live({ key: await api.createKey("viewer") });
  const node = api.connect(NODE_A);
  await node.tell({ type: "heartbeat", body: sampleHeartbeat(api.clock.now()) });
  await api.clock.advance(1000);
  live.say({ subscribe: ["nodes"] });
  for (let i = 0; i < 20; i += 1)
    await node.tell({ type: "heartbeat", body: sampleHeartbeat(api.clock.now(), { uptimeSeconds: i }) });
  await api.clock.advance(1000);
  const patches = live.got.filter((message) => message.topic === "nodes" && message.type === "patch");
  expect(patches.length).toBe(1);
  expect(patches[0]!.items).toMatchObject([{ uptimeSeconds: 19 }]);
});
