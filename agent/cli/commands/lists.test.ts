import { expect, test } from "bun:test";
import type { WirePlugin } from "../../../core/wire/inventory.ts";
import { listText, permissionsOf, pluginRow, plugins } from "./lists.ts";

const crashed: WirePlugin = {
  id: "queue",
  name: "queue",
  instance: "default",
  version: "1.0.0",
  origin: "user",
  state: "broken",
  reason: "ended by SIGSEGV",
  summary: "How long the queue is.",
  checks: [],
  repairs: [],
  capabilities: ["fs-read", "net:10.0.0.0/8"],
  granted: ["fs-read"],
  retryAt: "2026-11-22T10:00:00.000Z",
  restarts: 3,
  cage: "bubblewrap",
};

test("the list says when a crashed plugin starts again, and why it is down", () => {
  expect(pluginRow(crashed).at(-1)).toMatch(/^starts again 11-2\d \d\d:\d\d:\d\d: ended by SIGSEGV$/);
  expect(pluginRow({ ...crashed, state: "running", reason: null, retryAt: null }).at(-1)).toBe(
    "How long the queue is.",
  );
});

test("the list says what a plugin may do, and what it asked for in vain", () => {
  expect(permissionsOf(crashed)).toBe("fs-read (not allowed: net:10.0.0.0/8)");
  expect(permissionsOf({ ...crashed, granted: null })).toBe("fs-read, net:10.0.0.0/8");
  expect(permissionsOf({ ...crashed, granted: [], capabilities: [] })).toBe("none");
  expect(permissionsOf({ ...crashed, origin: "built-in" })).toBe("–");
});

test("where there are several nodes, the list says of which each plugin is", () => {
  const items = ["web-1", "web-2"].map((nodeName) => ({ ...crashed, node: nodeName, nodeName }));
  const [head, ...rows] = listText(plugins, items, true).split("\n");
  expect(head).toMatch(/^NODE +PLUGIN +STATE/);
  expect(rows.map((row) => row.split(/ +/).slice(0, 2))).toEqual([
    ["web-1", "queue"],
    ["web-2", "queue"],
  ]);
  expect(listText(plugins, items.slice(1), false)).toMatch(/^PLUGIN/);
});

test("the column of the cage has its name, not why it is not another one", () => {
  const cage =
    "landlock (bubblewrap does not work here: bwrap: execvp /srv/cortex: No such file or directory)";
  expect(pluginRow({ ...crashed, cage })[3]).toBe("landlock");
  expect(pluginRow({ ...crashed, cage: "none (bubblewrap is not installed); install bubblewrap" })[3]).toBe(
    "none",
  );
});
