import { expect, test } from "bun:test";
import { fleetAt } from "../../testing/fixtures.ts";
import { arranged, DEFAULT_VIEW, entriesOf, labelNames, queryOf, viewOf } from "./fleet-view.model.ts";

const { nodes } = fleetAt(Date.UTC(2026, 10, 22, 12));

test("a view goes into the address and comes back, and the default leaves it empty", () => {
  const view = {
    layout: "cards",
    sort: "cpu",
    reverse: true,
    group: "label:site",
    dense: true,
    hidden: ["disk", "seen"],
  } as const;
  const query = queryOf({ ...view, hidden: [...view.hidden] });
  expect(query).toEqual({
    layout: "cards",
    sort: "-cpu",
    group: "label:site",
    dense: "1",
    hide: "disk,seen",
  });
  expect(viewOf(query)).toEqual({ ...view, hidden: [...view.hidden] });
  expect(Object.values(queryOf(DEFAULT_VIEW)).filter((part) => part !== undefined)).toEqual([]);
});

test("an address that says nonsense is the default view", () => {
  expect(viewOf({ layout: "cubes", sort: "-luck", hide: "nothing" })).toEqual({
    ...DEFAULT_VIEW,
    reverse: true,
    hidden: [],
  });
});

test("numbers sort from the largest, nodes without one come last, the same ones by name", () => {
  const order = arranged(nodes, { sort: "cpu", reverse: false }).map((node) => node.name);
  expect(order[0]).toBe("build-2.ams");
  expect(order.at(-1)).toBe("new-host");
  expect(arranged(nodes, { sort: "name", reverse: true })[0]!.name).toBe("web-3.fra");
});

test("groups come by name, nodes without one last, and each group says how many it has", () => {
  const entries = entriesOf(nodes, "group", 1);
  const heads = entries.flatMap((entry) => (entry.kind === "group" ? [`${entry.name} ${entry.count}`] : []));
  expect(heads).toEqual(["ci 1", "db 2", "edge 2", "queue 1", "web 3", " 2"]);
  expect(labelNames(nodes)).toEqual(["site"]);
});

test("cards stand side by side, and the last row may be short", () => {
  const rows = entriesOf(nodes, "none", 3);
  expect(rows.map((row) => (row.kind === "nodes" ? row.nodes.length : 0))).toEqual([3, 3, 3, 2]);
});
