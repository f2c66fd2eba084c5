import { expect, test } from "bun:test";
import type { WirePlugin } from "../../../core/wire/inventory.ts";
import { permissionsOf, pluginRow } from "./lists.ts";

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
