/**
 * Bad input of every kind: told in one line with what to do, refused with the right exit code or status, and nothing lost
 * by it. What is told is compared with `bad-input.golden.txt`; `UPDATE_GOLDEN=1` rewrites that file.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failed } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import type { Scenario } from "../scenario.ts";
import { badDisk } from "./bad-disk.ts";
import { badFolders } from "./bad-folder.ts";
import { badPlugins } from "./bad-plugins.ts";
import { badRequests } from "./bad-request.ts";
import { badArguments, badConfigs, createStage, type Stage } from "./bad-start.ts";
import { createTranscript } from "./transcript.ts";

const GOLDEN = join(import.meta.dir, "bad-input.golden.txt");
const PARTS = [badConfigs, badArguments, badFolders, badRequests, badPlugins, badDisk];

/** Names the first section that differs, with both texts. */
function compare(actual: string, golden: string): void {
  if (actual === golden) return;
  const wanted = golden.split("\n## ");
  const index = actual.split("\n## ").findIndex((section, at) => section !== wanted[at]);
  const now = actual.split("\n## ")[index] ?? "nothing more";
  throw new Failed(
    `people are told something else; now: ${now.trim()} — before: ${(wanted[index] ?? "nothing").trim()} (UPDATE_GOLDEN=1 takes it over)`,
  );
}

async function run(rig: Rig, parts: readonly ((stage: Stage) => Promise<void>)[]): Promise<string> {
  if (process.getuid?.() !== 0)
    throw new Error("root is needed: it mounts file systems and runs as other users");
  const transcript = createTranscript(rig.folder);
  const stage = await createStage(rig, transcript);
  for (const part of parts) {
    await part(stage);
    rig.say(`${part.name}: ${transcript.count()} messages so far`);
  }
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(GOLDEN, transcript.text());
  compare(transcript.text(), existsSync(GOLDEN) ? readFileSync(GOLDEN, "utf8") : "");
  return `${transcript.count()} messages as written down, exit codes and statuses right, every folder whole afterwards`;
}

/** A folder that lost one entry is seen by the look that every fault above ends with. */
async function lossy(stage: Stage): Promise<void> {
  const dataDir = stage.folder("lossy");
  const sql = "DROP TRIGGER ledger_no_delete; DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger);";
  const ran = await stage.rig.run(["/usr/bin/sqlite3", "-batch", join(dataDir, "agent.db"), sql]);
  if (ran.code !== 0) throw new Error(`sqlite3: ${ran.stderr.trim()}`);
  await stage.ensureWhole(dataDir, "one entry less");
}

const scenario: Scenario = {
  name: "bad-input",
  quick: true,
  timeoutMs: 400_000,
  needs: ["sqlite3"],
  run: (rig) => run(rig, PARTS),
  async control(rig) {
    await lossy(await createStage(rig, createTranscript(rig.folder)));
    return "whole";
  },
};
export default scenario;
