import { expect, test } from "bun:test";
import type { NodeScope } from "../access/node-scope.ts";
import { createHub, type Hub, type LiveClient, type LiveItem, TOPICS, type Topic } from "./hub.ts";

const scopeOf = (key: string, whole: boolean, members = new Set<string>()): NodeScope => ({
  key,
  whole,
  has: (id) => whole || members.has(id),
  ids: () => [...members],
});

function createTestHub(items: LiveItem[] = []) {
  const visible = (scope: NodeScope) => items.filter(({ node = "" }) => scope.whole || scope.has(node));
  const snapshots = Object.fromEntries(TOPICS.map((topic) => [topic, visible])) as Record<
    Topic,
    (scope: NodeScope) => LiveItem[]
  >;
  return createHub({ snapshots, firstSeq: () => 1000, whole: scopeOf("*", true) });
}

interface Received {
  topic: string;
  type: string;
  seq: number;
  items: LiveItem[];
  removed?: string[];
}

function createClient(hub: Hub, scope = scopeOf("*", true)) {
  const got: Received[] = [];
  const state = { full: false };
  const client: LiveClient = {
    send: (text) => {
      if (state.full) return false;
      got.push(JSON.parse(text));
      return true;
    },
    close: () => {},
  };
  const live = hub.connect(client, scope);
  return { got, live, state };
}

test("a subscriber gets a snapshot, then each change with the next number", () => {
  const hub = createTestHub([{ id: "a" }]);
  const { got, live } = createClient(hub);
  live.subscribe(["problems"], {});
  hub.publish("problems", [{ id: "b" }]);
  hub.publish("problems", [], [{ id: "a" }]);
  hub.publish("nodes", [{ id: "other topic" }]);
  expect(got).toEqual([
    { topic: "problems", type: "snapshot", seq: 1000, items: [{ id: "a" }] },
    { topic: "problems", type: "patch", seq: 1001, items: [{ id: "b" }] },
    { topic: "problems", type: "patch", seq: 1002, items: [], removed: ["a"] },
  ]);
});

test("who missed a few changes gets exactly those", () => {
  const hub = createTestHub();
  for (const id of ["a", "b", "c"]) hub.publish("intents", [{ id }]);
  const { got, live } = createClient(hub);
  live.subscribe(["intents"], { intents: 1001 });
  expect(got.map((message) => [message.type, message.seq])).toEqual([
    ["patch", 1002],
    ["patch", 1003],
  ]);
});

test("large changes are kept for less long: a snapshot is shorter than all of them", () => {
  const hub = createTestHub([{ id: "now" }]);
  const items = Array.from({ length: 100 }, (_, index) => ({ id: `${index}` }));
  for (let change = 0; change < 11; change += 1) hub.publish("inspections", items);
  const types = (since: number) => {
    const { got, live } = createClient(hub);
    live.subscribe(["inspections"], { inspections: since });
    return got.map((message) => message.type);
  };
  expect(types(1000)).toEqual(["snapshot"]);
  expect(types(1001)).toEqual(Array(10).fill("patch"));
});

test("who missed nothing is told so", () => {
  const hub = createTestHub();
  hub.publish("intents", [{ id: "a" }]);
  const { got, live } = createClient(hub);
  live.subscribe(["intents"], { intents: 1001 });
  expect(got).toEqual([{ topic: "intents", type: "patch", seq: 1001, items: [] }]);
});

test("a number from before a restart, or too long ago, gets a snapshot", () => {
  const hub = createTestHub([{ id: "now" }]);
  for (let i = 0; i < 300; i += 1) hub.publish("nodes", [{ id: String(i) }]);
  for (const since of [3, 1010, 99_999]) {
    const { got, live } = createClient(hub);
    live.subscribe(["nodes"], { nodes: since });
    expect(got).toEqual([{ topic: "nodes", type: "snapshot", seq: 1300, items: [{ id: "now" }] }]);
  }
});

test("a client that can't keep up gets a new snapshot later, and the others notice nothing", () => {
  const hub = createTestHub();
  const slow = createClient(hub);
  const quick = createClient(hub);
  slow.live.subscribe(["nodes"], {});
  quick.live.subscribe(["nodes"], {});
  slow.state.full = true;
  hub.publish("nodes", [{ id: "a" }]);
  hub.publish("nodes", [{ id: "b" }]);
  slow.state.full = false;
  slow.live.drained();
  hub.publish("nodes", [{ id: "c" }]);
  expect(slow.got.map((message) => [message.type, message.seq])).toEqual([
    ["snapshot", 1000],
    ["snapshot", 1002],
    ["patch", 1003],
  ]);
  expect(quick.got.map((message) => message.seq)).toEqual([1000, 1001, 1002, 1003]);
});

test("a client that left gets nothing more", () => {
  const hub = createTestHub();
  const { got, live } = createClient(hub);
  live.subscribe(["nodes"], {});
  live.end();
  hub.publish("nodes", [{ id: "a" }]);
  expect(got.length).toBe(1);
  expect(hub.clients()).toBe(0);
});

test("T55 a client with a part of the tree hears of that part, without gaps that tell of the rest", () => {
  const hub = createTestHub([
    { id: "1", node: "n_web" },
    { id: "2", node: "n_db" },
  ]);
  const { got, live } = createClient(hub, scopeOf("web", false, new Set(["n_web"])));
  live.subscribe(["problems"], {});
  for (let index = 0; index < 5; index += 1) hub.publish("problems", [{ id: "3", node: "n_db" }]);
  hub.publish("problems", [{ id: "4", node: "n_web" }, { id: "5", node: "n_db" }, { id: "no node" }]);
  hub.publish(
    "problems",
    [],
    [
      { id: "1", node: "n_web" },
      { id: "2", node: "n_db" },
    ],
  );
  expect(got).toEqual([
    { topic: "problems", type: "snapshot", seq: 1000, items: [{ id: "1", node: "n_web" }] },
    { topic: "problems", type: "patch", seq: 1001, items: [{ id: "4", node: "n_web" }] },
    { topic: "problems", type: "patch", seq: 1002, items: [], removed: ["1"] },
  ]);
});

test("T55 a node that leaves the part is not heard of any more, and what was shown of it is replaced", async () => {
  const items = [{ id: "1", node: "n_web" }];
  const hub = createTestHub(items);
  const members = new Set(["n_web"]);
  const { got, live } = createClient(hub, scopeOf("web", false, members));
  const other = createClient(hub);
  live.subscribe(["problems"], {});
  other.live.subscribe(["problems"], {});
  members.delete("n_web");
  hub.placeChanged("n_web");
  hub.publish("problems", [{ id: "2", node: "n_web" }]);
  await Promise.resolve();
  expect(got.slice(1)).toEqual([{ topic: "problems", type: "snapshot", seq: 1001, items: [] }]);
  members.add("n_web");
  hub.placeChanged("n_web");
  await Promise.resolve();
  expect(got.at(-1)).toEqual({ topic: "problems", type: "snapshot", seq: 1002, items });
  expect(other.got.map((message) => message.type)).toEqual(["snapshot", "patch"]);
});

test("numbers of one part mean nothing in another", () => {
  let now = 1000;
  const hub = createHub({
    snapshots: Object.fromEntries(TOPICS.map((topic) => [topic, () => []])) as never,
    whole: scopeOf("*", true),
    firstSeq: () => (now += 100),
  });
  for (let index = 0; index < 5; index += 1) hub.publish("nodes", [{ id: "a", node: "n_a" }]);
  const part = () => createClient(hub, scopeOf("web", false, new Set(["n_a"])));
  const first = part();
  first.live.subscribe(["nodes"], { nodes: hub.seq("nodes") });
  hub.publish("nodes", [{ id: "a", node: "n_a" }]);
  first.live.end();
  const again = part();
  again.live.subscribe(["nodes"], { nodes: first.got.at(-1)!.seq });
  expect([...first.got, ...again.got].map((message) => message.type)).toEqual([
    "snapshot",
    "patch",
    "snapshot",
  ]);
});

test("T113 live sockets are bounded: one too many is refused, and who leaves makes room", () => {
  const hub = createTestHub();
  const clients = Array.from({ length: 5000 }, () => createClient(hub));
  expect(() => createClient(hub)).toThrow("too many live connections");
  clients[0]!.live.end();
  expect(() => createClient(hub)).not.toThrow();
});
