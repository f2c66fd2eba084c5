/** `bun scripts/check/units.ts UNIT…`: syntax of each unit and how much it leaves open. */
import { basename } from "node:path";
import { Glob } from "bun";
import { run } from "../lib/run.ts";
import { rootDir, sourceFiles } from "../lib/tree.ts";

/** systemd's exposure score times ten: 100 is wide open, a bare unit scores 96. */
const MOST_EXPOSED: Record<string, number> = {
  "cortex-monitor.service": 13,
  // Root, but without capabilities or network.
  "cortex-helper.service": 12,
};
/** All others: agents have to see the host, and chores run as root. */
const OTHERS = 20;

/** Those that are shipped, and those of the golden folders, which `cortex privileges` writes. */
export function allUnits(): string[] {
  // Golden folders hold no sources of ours, but these units become some host's.
  const golden = [...new Glob("agent/rights/testcases/**/*.service").scanSync({ cwd: rootDir })];
  return [...sourceFiles(["config"], "**/*.service"), ...golden.sort()];
}

if (import.meta.main) {
  const units = process.argv.slice(2);
  const complaints: string[] = [];
  if (units.length === 0) complaints.push("no unit files found: nothing was checked");
  for (const unit of units) {
    const most = MOST_EXPOSED[basename(unit)] ?? OTHERS;
    const score = await run([
      "systemd-analyze",
      "security",
      "--offline=true",
      "--no-pager",
      `--threshold=${most}`,
      unit,
    ]);
    if (score.exitCode !== 0) complaints.push(`${unit} is more exposed than ${most / 10}:\n${score.output}`);
    const syntax = await run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit]);
    // The program is not installed where the unit is checked; any other remark is a fault.
    const remarks = syntax.output
      .split("\n")
      .filter((line) => line.includes(basename(unit)) && !line.includes("is not executable"));
    complaints.push(...remarks);
  }
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  process.exit(complaints.length > 0 ? 1 : 0);
}
