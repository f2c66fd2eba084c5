/** What every plugin promises by being one. A plugin's own test calls `pluginContract` and holds only its quirks. */
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Capability, PluginDefinition, PluginHooks } from "cortex";
import * as z from "zod";
import { clashingKeys } from "../config/plugins.ts";
import { createTestContext } from "./context.ts";
import type { TestContextOptions } from "./context.ts";

const PLUGINS = join(import.meta.dir, "../../plugins");
/** Generous: setup does no I/O, but test machines stall. */
const SETUP_LIMIT_MS = 500;
const PORTS: [Capability, (ctx: ReturnType<typeof createTestContext>) => unknown][] = [
  ["fs-read", (ctx) => ctx.fs.readText("/etc/hostname")],
  ["fs-clean", (ctx) => ctx.cleaner.scan({ root: "/tmp", minAgeMs: 1 })],
  ["act:reboot", (ctx) => ctx.acts.missing("reboot")],
  ["fetch", (ctx) => ctx.fetch("http://127.0.0.1/")],
  ["net", (ctx) => ctx.net.connect("127.0.0.1", 1, 1)],
  ["daemon", (ctx) => ctx.daemons.findByEnv("A", "b")],
  ["passwords", (ctx) => ctx.passwords.hash("x")],
  ["token-keys", (ctx) => ctx.tokenKeys.current()],
  ["exec:undeclared-program", (ctx) => ctx.exec.run(["undeclared-program"])],
];

interface SchemaNode {
  description?: string;
  properties?: Record<string, SchemaNode>;
  items?: SchemaNode;
  anyOf?: SchemaNode[];
  allOf?: SchemaNode[];
  oneOf?: SchemaNode[];
  additionalProperties?: SchemaNode | boolean;
}

/** Paths of all fields without a description. */
function undescribed(node: SchemaNode, path: string): string[] {
  const missing = Object.entries(node.properties ?? {}).flatMap(([key, field]) => {
    const here = path === "" ? key : `${path}.${key}`;
    return [...(describes(field) ? [] : [here]), ...undescribed(field, here)];
  });
  const inner = [...(node.anyOf ?? []), ...(node.allOf ?? []), ...(node.oneOf ?? [])];
  if (node.items) inner.push(node.items);
  if (typeof node.additionalProperties === "object") inner.push(node.additionalProperties);
  return [...missing, ...inner.flatMap((child) => undescribed(child, `${path}[]`))];
}

/** `.nullable()` after `.describe()` moves the text into the first alternative. */
const describes = (node: SchemaNode): boolean =>
  Boolean(node.description) || (node.anyOf ?? []).some((choice) => Boolean(choice.description));

/** A plugin's hooks in a context whose ports are enforced. */
export function setupPlugin(
  plugin: PluginDefinition,
  validConfig: unknown,
  options: Partial<TestContextOptions> = {},
): { ctx: ReturnType<typeof createTestContext>; hooks: PluginHooks } {
  const ctx = createTestContext({ exec: { installed: [] }, ...options, plugin });
  return { ctx, hooks: plugin.setup(ctx, plugin.config.parse(validConfig)) };
}

/** `validConfig` matters for plugins that need one; `dir` defaults to `plugins/NAME`. */
export function pluginContract(
  plugin: PluginDefinition,
  validConfig: unknown = {},
  dir = join(PLUGINS, plugin.name),
): void {
  describe(`${plugin.name}: plugin contract`, () => {
    test("the manifest is complete and named as its folder", () => {
      expect(plugin.name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      expect(existsSync(join(dir, "index.ts"))).toBe(true);
      expect(plugin.version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(plugin.sdk).toBe(1);
      expect(plugin.summary).toMatch(/^\S[^\n]{9,}$/);
      expect(plugin.modes.length).toBeGreaterThan(0);
    });

    test("every config field is described", () => {
      const schema = z.toJSONSchema(plugin.config, { io: "input", unrepresentable: "any" }) as SchemaNode;
      expect(undescribed(schema, "")).toEqual([]);
    });

    test("no config key is one that the host keeps for itself", () =>
      expect(clashingKeys(plugin)).toEqual([]));

    test("an unknown config key is refused", () => {
      const config = { ...(validConfig as object), surely_unknown_key: 1 };
      expect(plugin.config.safeParse(config).success).toBe(false);
    });

    test(plugin.needsConfig ? "the given config is valid" : "an empty config is valid", () => {
      const parsed = plugin.config.safeParse(plugin.needsConfig ? validConfig : {});
      expect(parsed.error?.issues ?? []).toEqual([]);
    });

    test("an undeclared capability throws host.capability", () => {
      const ctx = createTestContext({ plugin });
      for (const [capability, use] of PORTS) {
        const declared = plugin.capabilities as string[];
        if (declared.includes(capability)) continue;
        if (capability.startsWith("exec:") && declared.includes("exec-configured")) continue;
        expect(async () => await use(ctx)).toThrow(expect.objectContaining({ code: "host.capability" }));
      }
    });

    test("setup is fast, reaches for nothing and gives hooks with unique names", () => {
      const started = performance.now();
      const { ctx, hooks } = setupPlugin(plugin, validConfig);
      expect(performance.now() - started).toBeLessThan(SETUP_LIMIT_MS);
      expect(ctx.calls).toEqual([]);
      const names = [...(hooks.checks ?? []), ...(hooks.repairs ?? [])].map((hook) => hook.name);
      expect(names).toEqual([...new Set(names)]);
    });

    test("stop works without a start, after a failed start and twice", async () => {
      const { hooks } = setupPlugin(plugin, validConfig);
      await hooks.stop?.();
      await Promise.resolve(hooks.start?.()).catch(() => undefined);
      await hooks.stop?.();
      await hooks.stop?.();
    });
  });
}
