import { existsSync } from "node:fs";
import { runOrThrow } from "../lib/run.ts";
import { say, seconds } from "../lib/say.ts";
import { DASHBOARD, isFresh, sourceHash, writeStamp } from "./stamp.ts";

const INDEX = "ui/dist/index.html";

/** ui/dist by Vite, unless it is of these very sources. */
export async function buildDashboard(): Promise<void> {
  if (!existsSync("ui/vite.config.ts")) return;
  const hash = await sourceHash(DASHBOARD);
  if (await isFresh(INDEX, hash)) return;
  const startedAt = performance.now();
  say("building the dashboard …");
  // Bun runs Vite, because the Node at hand may be older than Vite wants.
  const vite = [process.execPath, "--bun", "node_modules/vite/bin/vite.js"];
  await runOrThrow([...vite, "build", "ui", "--logLevel", "warn"], "the dashboard's build");
  await writeStamp(INDEX, hash);
  say(`built ui/dist in ${seconds(startedAt)}.`);
}
