import { expect, test } from "bun:test";
import { createTestClock } from "../testing/test-clock.ts";
import { createTestMonitorStore } from "../testing/test-monitor-store.ts";
import { sampleInventory } from "../testing/wire-samples.ts";
import { createNodes } from "./nodes.ts";

const idOf = (index: number) => `n_${"a".repeat(25)}${"abcdefgh"[index]}`;

/** Nodes a … by these names, in the order in which they came. */
function setUp(names: string[]) {
  const clock = createTestClock();
  const store = createTestMonitorStore(() => clock.now());
  const config = { heartbeatMs: 30_000, lateAfter: 3, offlineAfter: 10 };
  const nodes = createNodes({ clock, store, ...config, connected: () => false, onPlace() {}, onChange() {} });
  names.forEach((name, index) => {
    nodes.inventory(idOf(index), sampleInventory({ name }), 1);
    nodes.save(idOf(index));
  });
  return nodes;
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
