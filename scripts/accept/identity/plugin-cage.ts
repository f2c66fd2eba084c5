/** What a plugin tries past its ports comes to nothing, and the agent keeps its pace meanwhile. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { InspectionItem, PluginItem } from "../../../core/monitor/items.ts";
import type { WireResult } from "../../../core/wire/report.ts";
import { withoutCage } from "../lib/cage.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { pause, until } from "../lib/wait.ts";
import { withinReason } from "../loop/demo.ts";
import type { Scenario } from "../scenario.ts";

/** The loop of the agent answers a question within this time, whatever its plugins do. */
const LONGEST_LAG_MS = 200;

/** `ok` when it was refused. `key` is a file that only Cortex may read. */
const attempts = (key: string, port: number) => ({
  "reads the key": `require("node:fs").readFileSync(${JSON.stringify(key)}, "utf8")`,
  "asks for the key": `ctx.fs.readText(${JSON.stringify(key)})`,
  "reads accounts by itself": `require("node:fs").readFileSync("/etc/passwd")`,
  "reads the daemon's memory map": `ctx.fs.readText("/proc/" + process.ppid + "/maps")`,
  "asks for the daemon's environment": `ctx.fs.readText("/proc/1/environ")`,
  "writes a file": `require("node:fs").writeFileSync(${JSON.stringify(`${key}-planted`)}, "x")`,
  connects: `(await fetch("http://127.0.0.1:${port}/healthz")).status`,
  "starts a program": `require("node:child_process").execFileSync("/bin/true")`,
  "starts an undeclared program": `ctx.exec.run(["true"])`,
  "signals its parent": `process.kill(process.ppid, 0)`,
});

const plugin = (name: string, run: string, capabilities = "[]") => `
import { definePlugin } from "cortex";
import * as z from "zod";
export default definePlugin({
  name: "${name}", version: "1.0.0", sdk: 1, summary: "Means no good.", modes: ["agent"], capabilities: ${capabilities},
  config: z.strictObject({}),
  setup(ctx) {
    return { checks: [{
      name: "${name}_check", summary: "s", type: "x.bad", nature: "fact" as const, intervalMs: 1000, confirmMs: 0, timeoutMs: 3000,
      async run() { ${run} },
    }] };
  },
});`;

const attacker = (key: string, port: number) => `
  const attempts = { ${Object.entries(attempts(key, port))
    .map(([name, code]) => `${JSON.stringify(name)}: async () => ${code}`)
    .join(", ")} };
  const results = [];
  for (const [target, attempt] of Object.entries(attempts))
    results.push(await attempt().then(
      (value) => ({ target, status: "critical" as const, summary: "it could: " + String(value).slice(0, 40) }),
      (error) => ({ target, status: "ok" as const, summary: String(error.code ?? error.message) })));
  return results;`;

/** Each is shown broken or its check unknown, with this in the reason. */
const HARMFUL: [name: string, run: string, reason: RegExp][] = [
  ["loops", "for (;;);", /it hung/],
  [
    "hoards",
    "const all = []; for (;;) { all.push(Buffer.alloc(32e6, 1)); await ctx.clock.sleep(1); }",
    /of memory/,
  ],
  ["floods", `setInterval(() => process.stderr.write("x".repeat(1e6)), 5); return [];`, /flooded/],
  ["asks", `for (;;) void ctx.fs.exists("/tmp").catch(() => {}); `, /hung|flooded|memory/],
  [
    "forks",
    `const { dlopen } = require("bun:ffi");
     const { symbols } = dlopen("libc.so.6", { fork: { args: [], returns: "i32" } });
     let children = 0;
     for (let n = 0; n < 200; n += 1) if (symbols.fork() > 0) children += 1;
     if (children > 0) throw new Error("forked " + children);
     return [{ target: "fork", status: "ok" as const, summary: "refused" }];`,
    /^$/,
  ],
];

function put(cortex: Cortex, name: string, source: string): void {
  const folder = join(dirname(cortex.configFile), "plugins", name);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  writeFileSync(join(folder, "index.ts"), source, { mode: 0o644 });
}

const started = async (rig: Rig) =>
  rig.cortex({
    config: { engine: { boot_grace: "0s" }, link: { report: "1s" }, plugins: { memory: { interval: "2s" } } },
  });

const pluginNamed = async (cortex: Cortex, name: string) =>
  (await cortex.api<{ items: PluginItem[] }>("GET", "plugins?limit=200")).json.items.find(
    (one) => one.name === name,
  );

async function resultsOf(cortex: Cortex, check: string): Promise<WireResult[]> {
  const { json: nodes } = await cortex.api<{ items: { id: string }[] }>("GET", "nodes");
  const { json } = await cortex.api<{ latest: WireResult[] }>("GET", `nodes/${nodes.items[0]!.id}`);
  return (json.latest ?? []).filter((one) => one.check === check);
}

async function attacked(rig: Rig, cortex: Cortex): Promise<number> {
  const key = join(cortex.dataDir, "keys");
  const { stdout } = await rig.run(["ls", key]);
  put(
    cortex,
    "attacker",
    plugin("attacker", attacker(join(key, stdout.trim().split("\n")[0]!), cortex.port), `["fs-read"]`),
  );
  const results = await until(
    async () => {
      const all = await resultsOf(cortex, "attacker_check");
      return all.length > 0 && all;
    },
    { what: "the attacker has tried", timeoutMs: 15_000, everyMs: 200 },
  );
  const could = results.filter((one) => one.status !== "ok");
  ensureEqual(
    could.map((one) => `${one.target}: ${one.summary}`),
    [],
    "what the plugin could do",
  );
  ensureEqual(results.length, Object.keys(attempts("", 0)).length, "attempts");
  return results.length;
}

/** Longest time that the daemon took to answer while `work` went on. */
async function lagDuring(cortex: Cortex, work: () => Promise<void>): Promise<number> {
  let isDone = false;
  const working = work().finally(() => (isDone = true));
  let longest = 0;
  while (!isDone) {
    const began = performance.now();
    await cortex.api("GET", "/healthz");
    longest = Math.max(longest, performance.now() - began);
    await pause(20);
  }
  await working;
  return longest;
}

const scenario: Scenario = {
  name: "plugin-cage",
  quick: true,
  timeoutMs: 120_000,
  async run(rig) {
    const cortex = await started(rig);
    const tried = await attacked(rig, cortex);
    const cage = (await pluginNamed(cortex, "attacker"))?.cage ?? "";
    ensure(/^(bubblewrap|landlock)/.test(cage), `the cage is "${cage}"`);
    const calmMs = await lagDuring(cortex, () => pause(2000));
    const lagMs = await lagDuring(cortex, async () => {
      for (const [name, run, reason] of HARMFUL) {
        put(cortex, name, plugin(name, run, `["fs-read"]`));
        await until(
          async () => {
            const one = await pluginNamed(cortex, name);
            if (reason.source !== "^$") return one?.state === "broken" && reason.test(one.reason ?? "");
            return (await resultsOf(cortex, `${name}_check`)).some((result) => result.status === "ok");
          },
          { what: `a plugin that ${name} is held`, timeoutMs: 20_000, everyMs: 100 },
        );
      }
    });
    ensure(
      lagMs < withinReason(LONGEST_LAG_MS, calmMs),
      `the daemon once took ${inTime(lagMs)} to answer, ${inTime(calmMs)} before these plugins came`,
    );
    const { json: runs } = await cortex.api<{ items: InspectionItem[] }>(
      "GET",
      "inspections?check=mem_available&limit=500",
    );
    const starts = runs.items.map((one) => Date.parse(one.startedAt)).toSorted((a, b) => a - b);
    const gapMs = Math.max(...starts.slice(1).map((at, index) => at - starts[index]!));
    ensure(gapMs < 4000, `a neighbour due every 2 s was once looked at after ${inTime(gapMs)}`);
    return `${cage}: ${tried} attempts and ${HARMFUL.length} harmful plugins held; longest answer ${inTime(lagMs)} (${inTime(calmMs)} before), longest gap of a 2 s check ${inTime(gapMs)}`;
  },
  /** The same plugin in a child without a cage, started as the daemon starts it. */
  async control(rig) {
    const cortex = await started(rig);
    const key = join(cortex.dataDir, "keys");
    const { stdout } = await rig.run(["ls", key]);
    const path = join(key, stdout.trim().split("\n")[0]!);
    const said = await withoutCage(rig, plugin("attacker", attacker(path, cortex.port), `["fs-read"]`));
    const could = said.filter((one) => one.status !== "ok");
    ensureEqual(
      could.map((one) => one.target),
      [],
      "what the plugin could do without a cage",
    );
    return "nothing, even without a cage";
  },
};
export default scenario;
