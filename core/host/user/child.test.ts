import { describe, expect, test } from "bun:test";
import { createTestContext } from "../../testing/context.ts";
import { createChild } from "./child.ts";
import type { CallName, ChildEvent, Reply, Request } from "./protocol.ts";

/** A child without a process: what would cross the pipe is collected. */
function child(source: string, more: Record<string, string> = {}) {
  const file = { folder: "/plugins/mine", entry: "index.ts", files: { "index.ts": source, ...more } };
  const said: (Reply | ChildEvent)[] = [];
  const context = createTestContext({ plugin: "mine" });
  const handle = createChild({
    clock: context.clock,
    ports: () => context,
    say: (message) => said.push(message),
  });
  let id = 0;
  const call = async (name: CallName, input: unknown): Promise<Reply> => {
    id += 1;
    await handle({ id, call: name, input } as Request);
    return said.find((one): one is Reply => "id" in one && one.id === id)!;
  };
  const { uptimeMs: _, ...node } = context.node;
  const setup = (config: unknown) =>
    call("setup", {
      instance: "default",
      config,
      node: { ...node, bootedAt: 0 },
      values: { seen: 1 },
      sealed: { token: { value: "t-1" }, lost: { code: "vault.unreadable", message: "its key is gone" } },
      programs: {},
    });
  return { file, said, call, setup };
}

const PLUGIN = `
  import { definePlugin } from "cortex";
  import * as z from "zod";
  export default definePlugin({
    name: "mine", version: "1.2.3", sdk: 1, summary: "Mine.", modes: ["agent"], capabilities: [],
    config: z.strictObject({ limit: z.number().default(3).describe("Limit.") }),
    setup(ctx, config) {
      return { checks: [{ name: "mine_check", summary: "s", type: "mine.bad", nature: "fact", intervalMs: 1000, confirmMs: 0,
        async run(run) {
          ctx.store.set("seen", 1 + ctx.store.get("seen"));
          if (config.limit === 7) await ctx.exec.run(["rm", "-rf", "/"]);
          return [{ target: "t", status: "ok", summary: String(config.limit) + String(run.previous("t")) }];
        } }] };
    },
  });`;

const REPAIR = `
  import { definePlugin, defineRepair } from "cortex";
  import * as z from "zod";
  const plan = async () => ({ summary: "s", changes: [], data: { exec: [["true"]] } });
  const ok = async () => ({ ok: true, summary: "done" });
  const repair = (name, more) => defineRepair({ name, version: 1, summary: "s", class: "R1", remedies: ["mine.bad"],
    params: z.unknown(), resolve: () => ({}), plan, apply: ok, undo: "nothing", ...more });
  export default definePlugin({
    name: "mine", version: "1.2.3", sdk: 1, summary: "Mine.", modes: ["agent"], capabilities: [], config: z.strictObject({}).prefault({}),
    setup: () => ({ repairs: [repair("mine.plain", {}), repair("mine.more", { undo: ok, verify: ok, evidence: async () => ({}) })] }),
  });`;

describe("the child of a user's plugin", () => {
  test("names what its repairs declare and nobody calls", async () => {
    const { call, setup, file } = child(REPAIR);
    await call("describe", file);
    expect(await setup({})).toMatchObject({
      ok: true,
      value: {
        repairs: [
          { name: "mine.plain", ignored: [] },
          { name: "mine.more", ignored: ["verify", "undo", "evidence"] },
        ],
      },
    });
  });

  test("says what is wrong with a configuration, key by key, without setting it up", async () => {
    const { call, file } = child(PLUGIN);
    await call("describe", file);
    expect(await call("judge", { config: { limt: 3, limit: "x" } })).toMatchObject({
      ok: true,
      value: [
        { at: ["limit"], message: "must be a number, not text" },
        { at: ["limt"], message: expect.stringContaining('unknown key "limt"') },
      ],
    });
    expect(await call("judge", { config: {} })).toMatchObject({ ok: true, value: [] });
  });

  test("describes, sets up and runs a plugin whose imports come from the program", async () => {
    const { call, setup, file, said } = child(PLUGIN);
    expect(await call("describe", file)).toMatchObject({
      ok: true,
      value: { name: "mine", version: "1.2.3" },
    });
    expect(await setup({})).toMatchObject({
      ok: true,
      value: { checks: [{ name: "mine_check" }], repairs: [] },
    });
    const reply = await call("check", {
      instance: "default",
      check: "mine_check",
      previous: { t: "critical" },
      oneShot: false,
    });
    expect(reply).toMatchObject({ ok: true, value: [{ summary: "3critical" }] });
    expect(said).toContainEqual({ event: "set", instance: "default", key: "seen", value: 2 });
  });

  test("T91 what it keeps sealed stays apart from the rest, and what can't be read is an error when it asks for it", async () => {
    const { call, setup, file, said } = child(
      PLUGIN.replace(
        "ctx.store.set(",
        `let lost = ""; try { ctx.store.sealed.get("lost"); } catch (error) { lost = error.code; }
         ctx.store.sealed.set("both", [ctx.store.sealed.get("token"), ctx.store.get("token"), lost]); ctx.store.set(`,
      ),
    );
    await call("describe", file);
    await setup({});
    await call("check", { instance: "default", check: "mine_check", previous: {}, oneShot: false });
    const value = ["t-1", null, "vault.unreadable"];
    expect(said).toContainEqual({ event: "set", instance: "default", key: "both", value, sealed: true });
  });

  test("a configuration that its schema refuses is named, not thrown", async () => {
    const { call, setup, file } = child(PLUGIN);
    await call("describe", file);
    expect(await setup({ limitt: 1 })).toMatchObject({ ok: false, code: "plugin.config" });
  });

  test("a program that it did not declare does not start", async () => {
    const { call, setup, file } = child(PLUGIN);
    await call("describe", file);
    await setup({ limit: 7 });
    const reply = await call("check", {
      instance: "default",
      check: "mine_check",
      previous: {},
      oneShot: false,
    });
    expect(reply).toMatchObject({ ok: false, code: "host.capability" });
  });

  test("a file that exports no plugin says what to write", async () => {
    const { call, file } = child("export const x = 1;");
    expect(await call("describe", file)).toMatchObject({
      ok: false,
      message: expect.stringContaining("definePlugin"),
    });
  });

  test("a file that is no TypeScript is told with its place", async () => {
    const { call, file } = child("export default 1;\nconst a = ;");
    expect(await call("describe", file)).toMatchObject({
      ok: false,
      code: "plugin.invalid",
      message: "/plugins/mine/index.ts:2:11 Unexpected ;",
    });
  });

  test("a package that is not there is named, with what a plugin is made of", async () => {
    const { call, file } = child('import "./not-there.ts";');
    expect(await call("describe", file)).toMatchObject({
      ok: false,
      code: "plugin.invalid",
      message: expect.stringContaining("name a file of its own with its extension"),
    });
  });

  test("a plugin of several files is made of what was read, TypeScript, JavaScript and JSON alike", async () => {
    const source = PLUGIN.replace(
      "import { definePlugin }",
      'import { text } from "./lib/text.js";\nimport { definePlugin }',
    );
    const { call, file } = child(source.replace('summary: "Mine."', "summary: text"), {
      "lib/text.js": 'import data from "../data.json"; export const text = data.text;',
      "data.json": '{ "text": "From data." }',
    });
    expect(await call("describe", file)).toMatchObject({ ok: true, value: { summary: "From data." } });
  });

  test("capabilities that reach into the host are for built-in plugins only", async () => {
    const { call, file } = child(PLUGIN.replace("capabilities: []", 'capabilities: ["fs-clean"]'));
    expect(await call("describe", file)).toMatchObject({
      ok: false,
      message: expect.stringContaining("fs-clean"),
    });
  });

  test("auth methods are for built-in plugins only", async () => {
    const source = PLUGIN.replace("return {", "return { authProviders: [{ method: 'mine' }],");
    const { call, setup, file } = child(source);
    await call("describe", file);
    expect(await setup({})).toMatchObject({ ok: false, code: "plugin.hook" });
  });
});
