/** Users' plugins that don't work: each one broken plugin with its reason, or one unknown result; never more. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { NodeDetail, PluginItem } from "../../../core/monitor/items.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { until } from "../lib/wait.ts";
import type { Stage } from "./bad-start.ts";

/** A plugin with one check that runs every second. */
const plugin = (name: string, body: string, more = "") => `
import { definePlugin } from "cortex";
import * as z from "zod";
export default definePlugin({
  name: "${name}", version: "1.0.0", sdk: 1, summary: "Does not work.", modes: ["agent"], capabilities: [],
  config: z.strictObject({}),
  ${more}
  setup(ctx) {
    return { checks: [{
      name: "${name.replaceAll("-", "_")}_check", summary: "s", type: "x.bad", nature: "fact" as const,
      intervalMs: 1000, confirmMs: 0, timeoutMs: 1000,
      async run() { ${body} },
    }] };
  },
});`;

const FINE = `return [{ target: "host", status: "ok" as const, summary: "fine" }];`;

/** Shown broken with this reason, whatever the machine. */
const BROKEN: Record<string, string> = {
  "no-typescript": "export default definePlugin({",
  "no-plugin": "export const nothing = 1;",
  "other-name": plugin("quite-other", FINE),
  "newer-contract": plugin("newer-contract", FINE).replace("sdk: 1", "sdk: 2"),
  "throws-in-setup": plugin("throws-in-setup", FINE).replace(
    "return { checks",
    `throw new Error("no such device"); return { checks`,
  ),
  "imports-what-is-not-there": `import "left-pad";\n${plugin("imports-what-is-not-there", FINE)}`,
  "hangs-in-its-check": plugin("hangs-in-its-check", "for (;;);"),
  "slow-in-its-check": plugin("slow-in-its-check", "await ctx.clock.sleep(60_000); return [];"),
  "ends-in-its-check": plugin("ends-in-its-check", "process.exit(9);"),
  "floods-beside-its-check": plugin(
    "floods-beside-its-check",
    `setInterval(() => process.stderr.write("x".repeat(1e6)), 5); ${FINE}`,
  ),
};

/** The plugin runs, and its one result is unknown with this reason. */
const UNKNOWN: Record<string, string> = {
  "throws-in-its-check": plugin("throws-in-its-check", `throw new Error("the sensor said 'ß?'");`),
  "answers-nonsense": plugin("answers-nonsense", `return "all is well" as never;`),
  "reads-without-right": plugin("reads-without-right", `await ctx.fs.readText("/etc/shadow"); return [];`),
};

export async function badPlugins({ rig, transcript, folder, ensureWhole }: Stage): Promise<void> {
  const dataDir = folder("for-plugins");
  const cortex = await rig.cortex({ dataDir, config: { link: { report: "1s" } } });
  const dir = join(dirname(cortex.configFile), "plugins");
  const put = (name: string, source: string) => {
    mkdirSync(join(dir, name), { mode: 0o700 });
    writeFileSync(join(dir, name, "index.ts"), source, { mode: 0o600 });
  };
  for (const [name, source] of Object.entries({ ...BROKEN, ...UNKNOWN })) put(name, source);
  put("open-to-others", plugin("open-to-others", FINE));
  chmodSync(join(dir, "open-to-others", "index.ts"), 0o666);
  put("works", plugin("works", FINE));

  const broken = [...Object.keys(BROKEN), "open-to-others"].toSorted();
  const plugins = async () =>
    (await cortex.api<{ items: PluginItem[] }>("GET", "plugins?limit=200")).json.items.filter(
      (one) => one.origin === "user",
    );
  // A broken one is tried again now and then, so that the reason is noted when it is seen first.
  const reasons = new Map<string, string>();
  await until(
    async () => {
      for (const one of await plugins())
        if (one.state === "broken" && one.reason !== null && !reasons.has(one.name))
          reasons.set(one.name, one.reason);
      return broken.every((name) => reasons.has(name));
    },
    { what: "every plugin that can't work is shown broken", timeoutMs: 60_000, everyMs: 100 },
  ).catch((error: unknown) => {
    throw new Error(`not shown broken: ${broken.filter((name) => !reasons.has(name)).join(", ")}`, {
      cause: error,
    });
  });
  ensureEqual([...reasons.keys()].toSorted(), broken, "plugins that are broken");
  for (const name of broken)
    transcript.told(`plugin: ${name}`, reasons.get(name)!.replaceAll(dir, "<plugins>"));

  const [node] = (await cortex.api<{ items: { id: string }[] }>("GET", "nodes")).json.items;
  for (const name of Object.keys(UNKNOWN)) {
    const check = `${name.replaceAll("-", "_")}_check`;
    const result = await until(
      async () => {
        const { json } = await cortex.api<NodeDetail>("GET", `nodes/${node!.id}`);
        return json.latest.find((one) => one.check === check);
      },
      { what: `${name} has a result`, timeoutMs: 30_000, everyMs: 100 },
    );
    ensureEqual(result.status, "unknown", `status of ${name}`);
    transcript.told(`check: ${name}`, result.summary);
  }
  const works = (await plugins()).find((one) => one.name === "works");
  ensure(works?.state === "running", "the plugin that works suffered from the others");
  await cortex.stop();
  await ensureWhole(dataDir, "broken plugins");
}
