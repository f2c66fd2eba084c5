/**
 * `bun scripts/build.ts [--if-changed] [--dashboard] [--faults] [--target bun-linux-arm64] [--outfile PATH]`: registry → dashboard →
 * one executable, dist/cortex. `--dashboard` stops after ui/dist. `--faults` compiles the failpoints in (dist/cortex-faults, for the fault suite only).
 */
import { parseArgs } from "node:util";
import { compile, type CompileOptions } from "./build/compile.ts";
import { buildDashboard } from "./build/dashboard.ts";
import { writeChecksums } from "./build/checksums.ts";
import { bill } from "./build/sbom.ts";
import { isFresh, PROGRAM, sourceHash, writeStamp } from "./build/stamp.ts";
import { registryFile } from "./gen/registry.ts";
import { writeFiles } from "./gen/files.ts";
import { fail, messageOf, say, seconds } from "./lib/say.ts";

const { values } = parseArgs({
  options: {
    "if-changed": { type: "boolean", default: false },
    dashboard: { type: "boolean", default: false },
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
try {
  if (values.dashboard) {
    await buildDashboard();
    process.exit(0);
  }
  // The registry is part of the sources: a plugin folder that was added or deleted must change the hash.
  await writeFiles([await registryFile()]);
  const hash = await sourceHash(PROGRAM);
  if (values["if-changed"] && (await isFresh(options.outfile, hash))) process.exit(0);
  await buildDashboard();
  await compile(options);
  await writeStamp(options.outfile, hash);
  // What is handed on: what the program is made of, and by which hash it is known.
  await Bun.write("dist/cortex.cdx.json", bill());
  await writeChecksums("dist");
} catch (error) {
  fail(messageOf(error));
}
say(`built ${options.outfile} in ${seconds(startedAt)}.`);
