/**
 * `bun scripts/build.ts [--if-changed] [--faults] [--target bun-linux-arm64] [--outfile PATH]`: registry → dashboard →
 * one executable, dist/cortex. `--faults` compiles the failpoints in (dist/cortex-faults, for the fault suite only).
 */
import { parseArgs } from "node:util";
import { compile, type CompileOptions } from "./build/compile.ts";
import { buildDashboard } from "./build/dashboard.ts";
import { isFresh, sourceHash, writeStamp } from "./build/stamp.ts";
import { registryFile } from "./gen/registry.ts";
import { writeFiles } from "./gen/files.ts";
import { fail, say, seconds } from "./lib/say.ts";

const { values } = parseArgs({
  options: {
    "if-changed": { type: "boolean", default: false },
    faults: { type: "boolean", default: false },
    target: { type: "string" },
    outfile: { type: "string" },
  },
});

const variant = values.faults ? "cortex-faults" : "cortex";
const suffix = values.target ? values.target.replace(/^bun/, "") : "";
const options: CompileOptions = {
  outfile: values.outfile ?? `dist/${variant}${suffix}`,
  faults: values.faults,
  target: values.target ?? null,
};

const startedAt = performance.now();
// The registry is part of the sources: a plugin folder that was added or deleted must change the hash.
await writeFiles([await registryFile()]);
const hash = await sourceHash();
if (values["if-changed"] && (await isFresh(options.outfile, hash))) process.exit(0);

try {
  await buildDashboard(hash);
  await compile(options);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
await writeStamp(options.outfile, hash);
say(`built ${options.outfile} in ${seconds(startedAt)}.`);
