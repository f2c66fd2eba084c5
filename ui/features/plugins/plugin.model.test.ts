import { expect, test } from "bun:test";
import { fleetAt } from "../../testing/fixtures.ts";
import type { Plugin } from "../../data/types.ts";
import { boundOf, comesBack, configOf, permissionsOf } from "./plugin.model.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const some = fleetAt(NOW).plugins[0]!;
const plugin = (more: Partial<Plugin>): Plugin => ({ ...some, ...more });

test("what it asks for stands beside what it was allowed, what it lacks first", () => {
  expect(permissionsOf(plugin({ capabilities: ["fs", "net"], granted: ["fs", "exec:df"] }))).toEqual([
    { name: "net", kind: "refused" },
    { name: "fs", kind: "allowed" },
    { name: "exec:df", kind: "spare" },
  ]);
  expect(permissionsOf(plugin({ capabilities: ["net"], granted: null }))).toEqual([
    { name: "net", kind: "allowed" },
  ]);
});

test("a list bounds a plugin of one's own, or nothing does; an older node does not say", () => {
  const user = { origin: "user" as const };
  expect([
    boundOf(plugin({ origin: "built-in", granted: ["fs"] })),
    boundOf(plugin({ ...user, granted: [] })),
    boundOf(plugin({ ...user, granted: null })),
    boundOf(plugin({ ...user, granted: undefined })),
  ]).toEqual(["builtIn", "list", "none", null]);
});

test("a broken one is started again at a time, or only a person helps", () => {
  const broken = { state: "broken" as const, reason: "its process exited with code 3" };
  const at = (ms: number) => new Date(NOW + ms).toISOString();
  expect(comesBack(plugin({ ...broken, retryAt: at(30_000) }), NOW)).toEqual({ inMs: 30_000 });
  expect(comesBack(plugin({ ...broken, retryAt: at(-1) }), NOW)).toEqual({ inMs: 0 });
  expect(comesBack(plugin({ ...broken, retryAt: null }), NOW)).toBe("person");
  expect(comesBack(plugin({ retryAt: null }), NOW)).toBeNull();
});

test("of several instances each has its own part of the configuration", () => {
  const config = { plugins: { dns: { interval: "1m" }, port: [{ id: "web", port: 80 }, { port: 22 }] } };
  expect(configOf(config, plugin({ name: "dns" }))).toEqual({ interval: "1m" });
  expect(configOf(config, plugin({ name: "port", instance: "web" }))).toEqual({ id: "web", port: 80 });
  expect(configOf(config, plugin({ name: "port" }))).toEqual({ port: 22 });
  expect(configOf(config, plugin({ name: "none" }))).toBeNull();
});
