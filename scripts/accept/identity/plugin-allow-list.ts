/** Only what was allowed runs, byte for byte, also while its file is being swapped. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { PluginItem } from "../../../core/monitor/items.ts";
import { withoutCage } from "../lib/cage.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";

const NAME = "watched";
const RACE_MS = 12_000;

const source = (says: string) => `
import { definePlugin } from "cortex";
import * as z from "zod";
export default definePlugin({
  name: "${NAME}", version: "1.0.0", sdk: 1, summary: "${says}", modes: ["agent"], capabilities: [],
  config: z.strictObject({}),
  setup: () => ({ checks: [{
    name: "watched_check", summary: "s", type: "x.bad", nature: "fact" as const, intervalMs: 1000, confirmMs: 0,
    run: async () => [{ target: "t", status: "ok" as const, summary: "${says}" }],
  }] }),
});`;
const [GOOD, EVIL] = [source("allowed"), source("swapped")];

interface Stage {
  cortex: Cortex;
  folder: string;
  file: string;
  plugins: string;
  plugin(): Promise<PluginItem | undefined>;
}

async function stage(rig: Rig): Promise<Stage> {
  const cortex = await rig.cortex({
    config: { link: { report: "1s" }, user_plugins: { load: "allow_listed" } },
  });
  const plugins = join(dirname(cortex.configFile), "plugins");
  const folder = join(plugins, NAME);
  mkdirSync(folder, { mode: 0o755 });
  const file = join(folder, "index.ts");
  writeFileSync(file, GOOD, { mode: 0o644 });
  const plugin = async () =>
    (await cortex.api<{ items: PluginItem[] }>("GET", "plugins?limit=200")).json.items.find(
      (one) => one.name === NAME,
    );
  return { cortex, folder, file, plugins, plugin };
}

const shown = ({ plugin }: Stage, what: string, fits: (one: PluginItem) => boolean) =>
  until(
    async () => {
      const one = await plugin();
      return one !== undefined && fits(one);
    },
    { what, timeoutMs: 15_000, everyMs: 100 },
  );

const allow = ({ cortex, plugins }: Stage) =>
  cortex.cli("plugin", "allow", NAME, "--yes", "--plugins-dir", plugins);
const runs = (one: PluginItem) => one.state === "running" && one.summary === "allowed";
const refused = (reason: RegExp) => (one: PluginItem) =>
  one.state === "broken" && reason.test(one.reason ?? "");

/** Each is undone before the next one. */
const CHANGES: [what: string, change: (at: Stage) => () => void, reason: RegExp][] = [
  [
    "one byte is changed",
    ({ file }) => {
      writeFileSync(file, GOOD.replace("1.0.0", "1.0.1"));
      return () => writeFileSync(file, GOOD);
    },
    /index.ts is not as it was allowed/,
  ],
  [
    "a file is added",
    ({ folder }) => {
      writeFileSync(join(folder, "more.ts"), "", { mode: 0o644 });
      return () => rmSync(join(folder, "more.ts"));
    },
    /more.ts is not as it was allowed/,
  ],
  [
    "the file is a symlink to the same bytes",
    ({ file, folder }) => {
      renameSync(file, join(folder, "../../real.ts"));
      symlinkSync(join(folder, "../../real.ts"), file);
      return () => renameSync(join(folder, "../../real.ts"), file);
    },
    /is a symlink/,
  ],
  [
    "others can write the folder",
    ({ folder }) => {
      chmodSync(folder, 0o777);
      return () => chmodSync(folder, 0o755);
    },
    /others can write/,
  ],
  [
    "others can write the allow-list",
    ({ plugins }) => {
      chmodSync(`${plugins}.lock`, 0o666);
      return () => chmodSync(`${plugins}.lock`, 0o644);
    },
    /allow-list can't be trusted/,
  ],
];

/** Swap the file as fast as it goes, and never see the swapped one run. */
async function raced(at: Stage): Promise<{ swaps: number; loads: number }> {
  const [good, evil] = [join(at.plugins, "../good.ts"), join(at.plugins, "../evil.ts")];
  const until_ = performance.now() + RACE_MS;
  let swaps = 0;
  const states = new Set<string>();
  while (performance.now() < until_) {
    for (let n = 0; n < 50; n += 1) {
      writeFileSync(good, GOOD, { mode: 0o644 });
      writeFileSync(evil, EVIL, { mode: 0o644 });
      renameSync(evil, at.file);
      renameSync(good, at.file);
      swaps += 2;
    }
    const one = await at.plugin();
    states.add(`${one?.state} ${one?.summary}`);
    ensure(one?.summary !== "swapped", `swapped code ran after ${swaps} swaps`);
    await pause(1);
  }
  return { swaps, loads: states.size };
}

const scenario: Scenario = {
  name: "plugin-allow-list",
  quick: false,
  timeoutMs: 120_000,
  async run(rig) {
    const at = await stage(rig);
    await shown(
      at,
      "what nobody allowed is refused",
      refused(/not on the allow-list; .*cortex plugin allow watched/),
    );
    const allowed = await allow(at);
    ensureEqual(allowed.code, 0, `exit code of plugin allow (${allowed.stderr})`);
    await shown(at, "what was allowed runs", runs);
    for (const [what, change, reason] of CHANGES) {
      const undo = change(at);
      await shown(at, `it is refused when ${what}`, refused(reason));
      undo();
      await shown(at, `it runs again after ${what}`, runs);
    }
    const { swaps } = await raced(at);
    writeFileSync(at.file, GOOD);
    await shown(at, "it runs after the race", runs);
    ensureEqual(
      (await at.cortex.cli("plugin", "revoke", NAME, "--plugins-dir", at.plugins)).code,
      0,
      "exit code of plugin revoke",
    );
    await shown(at, "what was revoked is stopped", refused(/not on the allow-list/));
    return `${CHANGES.length} changes refused and taken back; ${swaps} swaps in ${RACE_MS / 1000} s, swapped code never ran`;
  },
  /** A loader that hashes the file and then lets it be read a second time, under the same swaps. */
  async control(rig) {
    const file = rig.file("index.ts", GOOD);
    const hash = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");
    for (let round = 0; round < 200; round += 1) {
      writeFileSync(file, GOOD);
      if (hash(readFileSync(file, "utf8")) !== hash(GOOD)) continue;
      if (round % 2 === 1) {
        writeFileSync(`${file}.new`, EVIL);
        renameSync(`${file}.new`, file);
      }
      const [result] = await withoutCage(rig, readFileSync(file, "utf8"));
      ensure(result?.summary !== "swapped", `swapped code ran in round ${round}`);
    }
    return existsSync(file) ? "swapped code never ran" : "the file is gone";
  },
};
export default scenario;
