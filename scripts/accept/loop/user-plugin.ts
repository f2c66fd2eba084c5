/** A plugin of one's own: one TypeScript file in a folder, loaded by the compiled program, and contained whatever it does. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type {
  CheckItem,
  InspectionItem,
  IntentItem,
  PluginItem,
  ProblemItem,
} from "../../../core/monitor/items.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";

const NAME = "watch-marker";
/** Load, reload and removal are promised within this time. */
const NOTICED_MS = 10_000;
/** A neighbour that is due every 2 s may be late by a tick, and by what a busy machine takes. */
const LONGEST_GAP_MS = 4000;

const config = {
  engine: { boot_grace: "0s" },
  link: { report: "1s" },
  policy: { boot_guard: "0s" },
  // The neighbour: a check of the program itself, whose pace is watched all the time.
  plugins: { memory: { interval: "2s" } },
};

/** The file that a user would write. `at` is run by the check before it looks. */
const source = (marker: string, version: string, at = "") => `
import { definePlugin, defineRepair } from "cortex";
import * as z from "zod";

export default definePlugin({
  name: "${NAME}",
  version: "${version}",
  sdk: 1,
  summary: "A file that must be there.",
  config: z.strictObject({ path: z.string().default("${marker}").describe("The file.") }),
  modes: ["agent"],
  capabilities: ["fs-read:${dirname(marker)}", "exec:touch"],
  setup(ctx, config) {
    const look = {
      name: "marker",
      summary: "Whether the file is there.",
      type: "marker.missing",
      nature: "fact" as const,
      intervalMs: 1000,
      confirmMs: 0,
      timeoutMs: 1000,
      async run() {
        ${at}
        const there: boolean = await ctx.fs.exists(config.path);
        const status = there ? ("ok" as const) : ("critical" as const);
        return [{ target: config.path, status, summary: there ? "is there" : "is not there" }];
      },
    };
    const make = defineRepair({
      name: "marker.make",
      version: 1,
      summary: "Make the file.",
      class: "R1",
      remedies: ["marker.missing"],
      params: z.strictObject({ path: z.string() }),
      resolve: () => ({ path: config.path }),
      plan: async ({ path }) => ({
        summary: "make " + path,
        changes: [{ what: path, from: "missing", to: "empty file" }],
        data: { exec: [["touch", path]] },
      }),
      apply: async () => ({ ok: false, summary: "the plan's steps run, not this" }),
      undo: "none",
    });
    return { checks: [look], repairs: [make] };
  },
});
`;

interface Stage {
  cortex: Cortex;
  /** Write the plugin's file as an editor does, and answer when. */
  write(version: string, at?: string): number;
  plugin(): Promise<PluginItem | undefined>;
  marker: string;
  file: string;
}

async function stage(rig: Rig): Promise<Stage> {
  const cortex = await rig.cortex({ config });
  const folder = join(dirname(cortex.configFile), "plugins", NAME);
  const file = join(folder, "index.ts");
  const marker = join(rig.folder, "marker");
  return {
    cortex,
    marker,
    file,
    write(version, at) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, source(marker, version, at), { mode: 0o600 });
      return performance.now();
    },
    async plugin() {
      const { json } = await cortex.api<{ items: PluginItem[] }>("GET", "plugins?limit=200");
      return json.items.find((one) => one.name === NAME);
    },
  };
}

/** Resolves with the milliseconds that passed since `began`. */
async function seen(
  stage: Stage,
  began: number,
  what: string,
  fits: (one?: PluginItem) => boolean,
): Promise<number> {
  await until(async () => fits(await stage.plugin()), { what, timeoutMs: NOTICED_MS, everyMs: 100 });
  return performance.now() - began;
}

const runs = (version: string) => (one?: PluginItem) =>
  one?.state === "running" && one.version === version && one.checks.includes("marker");

/** Its finding becomes a problem, its repair an intent that only says what it would do. */
async function shadows({ cortex, marker }: Stage): Promise<void> {
  const intent = await until(
    async () => {
      const { json } = await cortex.api<{ items: IntentItem[] }>("GET", "intents?kind=repair&limit=50");
      return json.items.find((one) => one.repair === "marker.make");
    },
    { what: "the plugin's repair is proposed", timeoutMs: 10_000 },
  );
  ensureEqual(
    [intent.shadow, intent.state, intent.plan?.summary],
    [true, "proposed", `make ${marker}`],
    "intent",
  );
  const problem = async () => (await cortex.api<ProblemItem>("GET", `problems/${intent.problemId}`)).json;
  ensureEqual([(await problem()).state, (await problem()).target], ["open", marker], "problem");
  await pause(3000);
  const { json: later } = await cortex.api<IntentItem>("GET", `intents/${intent.id}`);
  ensureEqual([later.state, later.outcome.length], ["proposed", 0], "the intent 3 s later");
  ensure(!existsSync(marker), "a repair in shadow was carried out");
  writeFileSync(marker, "");
  await until(async () => (await problem()).state === "resolved", {
    what: "the problem ends with the fact",
    timeoutMs: 10_000,
  });
}

/** What a plugin may do wrong, what the check does for it, and what is said about it. */
const FAULTS: [what: string, at: string, reason: RegExp][] = [
  ["hangs", "for (;;);", /^it hung: no answer to a check in time$/],
  ["crashes", "process.exit(3);", /^its process exited with code 3$/],
  [
    "floods",
    `setInterval(() => process.stderr.write("x".repeat(1e6)), 5);`,
    /^its process flooded: it wrote more than 4 MiB within a second$/,
  ],
  [
    "answers with a flood",
    `return [{ target: "t", status: "ok", summary: "x".repeat(8e6) }];`,
    /^its process flooded: it wrote (a line of more than 1 MiB|more than 4 MiB within a second)$/,
  ],
];

async function contains(stage: Stage): Promise<void> {
  for (const [index, [what, at, reason]] of FAULTS.entries()) {
    stage.write(`2.${index}.0`, at);
    const found = await until(
      async () => {
        const one = await stage.plugin();
        return one?.state === "broken" && one;
      },
      { what: `a plugin that ${what} is shown broken`, timeoutMs: NOTICED_MS, everyMs: 100 },
    );
    ensure(reason.test(found.reason ?? ""), `a plugin that ${what} is broken because "${found.reason}"`);
    const listed = (await stage.cortex.cli("plugin", "list")).stdout.split("\n");
    const line = listed.find((one) => one.startsWith(NAME)) ?? "";
    ensure(line.includes("broken") && line.includes(found.reason!), `plugin list says: ${line}`);
    const mended = stage.write(`3.${index}.0`);
    await seen(stage, mended, `the mended plugin runs after it ${what}`, runs(`3.${index}.0`));
  }
}

async function refuses(stage: Stage): Promise<void> {
  chmodSync(stage.file, 0o666);
  const reason = `others can write ${stage.file}; run: chmod go-w ${stage.file}`;
  await seen(
    stage,
    performance.now(),
    "a file that others can write is refused",
    (one) => one?.state === "broken" && one.reason === reason,
  );
  chmodSync(stage.file, 0o600);
  await seen(stage, performance.now(), "after chmod it runs", (one) => one?.state === "running");
}

/** Longest time between two starts of the neighbour's check, over everything above. */
async function longestGap(cortex: Cortex): Promise<{ gapMs: number; count: number }> {
  const { json } = await cortex.api<{ items: InspectionItem[] }>(
    "GET",
    "inspections?check=mem_available&limit=500",
  );
  const starts = json.items.map((one) => Date.parse(one.startedAt)).toSorted((a, b) => a - b);
  const gaps = starts.slice(1).map((at, index) => at - starts[index]!);
  return { gapMs: Math.max(...gaps), count: starts.length };
}

/** A host that runs plugins inside itself, as many programs do: a neighbour every 2 s, and one plugin that hangs. */
const NAIVE_HOST = `
  import { appendFileSync } from "node:fs";
  const plugins = [
    { intervalMs: 2000, async run() { appendFileSync(process.argv[2], Date.now() + "\\n"); } },
    { intervalMs: 1000, async run() { if (performance.now() > 3000) for (;;); } },
  ];
  for (const plugin of plugins) setInterval(() => void plugin.run().catch(() => undefined), plugin.intervalMs);
`;

async function naive(rig: Rig): Promise<string> {
  const times = rig.file("times", `${Date.now()}\n`);
  rig.spawn([process.execPath, rig.file("naive-host.ts", NAIVE_HOST), times]);
  await pause(10_000);
  const starts = [...readFileSync(times, "utf8").trim().split("\n").map(Number), Date.now()];
  ensureGap(Math.max(...starts.slice(1).map((at, index) => at - starts[index]!)));
  return "the neighbour kept its pace";
}

const ensureGap = (gapMs: number) =>
  ensure(gapMs <= LONGEST_GAP_MS, `a neighbour due every 2 s was once looked at after ${inTime(gapMs)}`);

const scenario: Scenario = {
  name: "user-plugin",
  quick: true,
  timeoutMs: 180_000,
  async run(rig) {
    const at = await stage(rig);
    const loadedMs = await seen(at, at.write("1.0.0"), "the plugin runs", runs("1.0.0"));
    await shadows(at);
    const reloadedMs = await seen(at, at.write("1.0.1"), "the edited plugin runs", runs("1.0.1"));
    await contains(at);
    await refuses(at);
    rmSync(dirname(at.file), { recursive: true });
    const goneMs = await seen(
      at,
      performance.now(),
      "the deleted plugin is gone",
      (one) => one === undefined,
    );
    const { json: checks } = await at.cortex.api<{ items: CheckItem[] }>("GET", "checks?limit=500");
    ensure(!checks.items.some((one) => one.plugin === NAME), "its check is still listed");
    ensure(at.cortex.isRunning, "Cortex ended");

    const { gapMs, count } = await longestGap(at.cortex);
    ensureGap(gapMs);
    ensureEqual((await at.cortex.cli("intents", "verify")).code, 0, "exit code of intents verify");
    return `loaded ${inTime(loadedMs)}, reloaded ${inTime(reloadedMs)}, gone ${inTime(goneMs)}; longest gap of a 2 s check ${inTime(gapMs)} in ${count} runs`;
  },
  control: naive,
};
export default scenario;
