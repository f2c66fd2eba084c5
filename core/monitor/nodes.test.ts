import { expect, test } from "bun:test";
import { createTestClock } from "../testing/test-clock.ts";
import { createTestMonitorStore } from "../testing/test-monitor-store.ts";
import { sampleInventory } from "../testing/wire-samples.ts";
import { createNodes } from "./nodes.ts";

const idOf = (index: number) => `n_${"a".repeat(25)}${"abcdefgh"[index]}`;

/** Nodes a … by these names, in the order in which they came. */
function setUp(names: string[]) {
  return openWith(names).nodes;
}

function openWith(
  names: string[],
  clock = createTestClock(),
  store = createTestMonitorStore(() => clock.now()),
) {
  const config = { heartbeatMs: 30_000, lateAfter: 3, offlineAfter: 10 };
  const nodes = createNodes({ clock, store, ...config, connected: () => false, onPlace() {}, onChange() {} });
  names.forEach((name, index) => {
    nodes.inventory(idOf(index), sampleInventory({ name }), 1);
    nodes.save(idOf(index));
  });
  return { nodes, clock, store };
}

test("pages of nodes follow each other by name, and by id where names are the same", () => {
  const nodes = setUp(["web", "db", "web", "app"]);
  const seen: string[] = [];
  let page = nodes.page({ limit: 1 });
  for (;;) {
    seen.push(...page.items.map(({ name, id }) => `${name} ${id.at(-1)}`));
    if (page.next === null) break;
    page = nodes.page({ limit: 1, after: page.next });
  }
  expect(seen).toEqual(["app d", "db b", "web a", "web c"]);
});

test("a place is one in the order: no node needs to be there", () => {
  const nodes = setUp(["web", "db"]);
  expect(nodes.page({ limit: 9, after: { name: "dc", id: "" } }).items.map(({ name }) => name)).toEqual([
    "web",
  ]);
  expect(nodes.page({ limit: 9, after: { name: "zz", id: "" } })).toEqual({ items: [], next: null });
});

test("a page of those that fit says whether another one follows", () => {
  const nodes = setUp(["web-1", "db-1", "web-2", "db-2"]);
  const fits = ({ name }: { name: string }) => name.startsWith("web");
  expect(nodes.page({ limit: 1, fits }).next).toMatchObject({ name: "web-1" });
  expect(nodes.page({ limit: 2, fits }).next).toBeNull();
});

test("how a node was in each quarter of an hour survives a restart, and the time in between is no data", async () => {
  const { nodes, clock, store } = openWith(["web"]);
  const id = idOf(0);
  const statesOf = (of: typeof nodes) => of.item(id)!.history.states;
  await clock.advance(60_000);
  nodes.judgeSilence();
  nodes.saveHistories();
  expect(statesOf(nodes)).toBe("95.1o");
  await clock.advance(360_000);
  expect(nodes.judgeSilence()).toEqual([id]);
  nodes.saveHistories();
  expect(statesOf(nodes)).toMatch(/\d+\.1x$/);
  await clock.advance(3 * 900_000);
  const { nodes: later } = openWith([], clock, store);
  later.heard(id);
  later.judgeSilence();
  expect(statesOf(later)).toBe("92.1x2.1o");
});

test("a node that was let in was not heard yet; only when it stays silent it is offline", async () => {
  const { nodes, clock } = openWith([]);
  const id = idOf(0);
  nodes.enrolled(id, "edge-1", "pending");
  await clock.advance(3_600_000);
  nodes.judgeSilence();
  nodes.enrolled(id, "edge-1", "offline");
  expect(nodes.item(id)).toMatchObject({ state: "unheard", repairs: null, worst: "unknown" });
  await clock.advance(300_000);
  nodes.judgeSilence();
  expect(nodes.item(id)!.state).toBe("unheard");
  await clock.advance(1);
  expect(nodes.judgeSilence()).toEqual([id]);
  expect(nodes.item(id)!.state).toBe("offline");
  nodes.heard(id);
  expect(nodes.item(id)!.state).toBe("online");
});

test("a node that was not heard yet is online with its first sign of life; let in again, it is offline", () => {
  const { nodes } = openWith([]);
  const id = idOf(0);
  nodes.enrolled(id, "edge-1", "offline");
  nodes.inventory(id, sampleInventory({ name: "edge-1" }), 1);
  expect(nodes.item(id)!.state).toBe("online");
  nodes.enrolled(id, "edge-1", "quarantined");
  nodes.enrolled(id, "edge-1", "offline");
  expect(nodes.item(id)!.state).toBe("offline");
});
