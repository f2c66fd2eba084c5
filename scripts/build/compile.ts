import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import packageJson from "../../package.json";
import { run, runOrThrow } from "../lib/run.ts";
import { say } from "../lib/say.ts";
import { rootDir, sourceFiles } from "../lib/tree.ts";

export interface CompileOptions {
  outfile: string;
  /** Compile the failpoints in. Such a binary is for the fault suite and never shipped. */
  faults: boolean;
  /** Bun's name of another platform, for example bun-linux-arm64 or bun-linux-x64-musl. */
  target: string | null;
}

const ENTRY = "agent/main.ts";
/** Read only by code that a release build drops. */
const FAILPOINT_VARIABLE = "CORTEX_FAILPOINT";

/**
 * One executable with bytecode, source map and assets. A folder given as asset keeps only its last name: ui/dist is
 * `/$bunfs/root/dist` inside. Files named `*.worker.ts` become entry points of their own, because the bundler does not
 * follow `new Worker`; inside they are found by their path from the root of the tree ("./core/store/wal.worker.ts").
 */
export async function compile(options: CompileOptions, tree = rootDir): Promise<void> {
  say(`compiling ${options.outfile} …`);
  const outfile = join(tree, options.outfile);
  await mkdir(dirname(outfile), { recursive: true });
  // Built aside and renamed: a running program keeps its file, and a failed build leaves the old one in place.
  const fresh = join(dirname(outfile), `.build-${process.pid}`, basename(outfile));
  await rm(dirname(fresh), { recursive: true, force: true });
  await mkdir(dirname(fresh), { recursive: true });
  try {
    await runOrThrow(await buildCommand(options, fresh, tree), "compiling", tree);
    if (!options.faults) await assertNoFailpoints(fresh);
    await rename(fresh, outfile);
  } finally {
    await rm(dirname(fresh), { recursive: true, force: true });
  }
}

async function buildCommand(options: CompileOptions, outfile: string, tree: string): Promise<string[]> {
  const workers = sourceFiles(["core", "agent"], "**/*.worker.ts", tree);
  const defines = {
    CORTEX_VERSION: packageJson.version,
    CORTEX_COMMIT: await commit(tree),
    CORTEX_FAULTS: options.faults,
  };
  return [
    process.execPath,
    "build",
    "--compile",
    "--minify",
    // Bytecode of modules with top-level await needs the ESM format.
    ...["--bytecode", "--format=esm", "--sourcemap"],
    // Without these two a compiled program runs bunfig.toml's preload and reads .env of the folder it is started in.
    ...["--no-compile-autoload-bunfig", "--no-compile-autoload-dotenv"],
    ...Object.entries(defines).flatMap(([name, value]) => ["--define", `${name}=${JSON.stringify(value)}`]),
    ...(existsSync(join(tree, "ui/dist/index.html")) ? ["--asset", "ui/dist"] : []),
    ...(options.target ? [`--target=${options.target}`] : []),
    ENTRY,
    ...workers,
    "--outfile",
    outfile,
  ];
}

/** Short hash, with `+` when the tree differs from it; "unknown" outside a git checkout. */
async function commit(tree: string): Promise<string> {
  if (!existsSync(join(tree, ".git"))) return process.env.CORTEX_BUILD_COMMIT ?? "unknown";
  const head = await run(["git", "rev-parse", "--short=12", "HEAD"], tree).catch(() => null);
  if (head?.exitCode !== 0) return "unknown";
  const status = await run(["git", "status", "--porcelain", "--untracked-files=no"], tree);
  return head.output.trim() + (status.output === "" ? "" : "+");
}

async function assertNoFailpoints(binary: string): Promise<void> {
  if (Buffer.from(await Bun.file(binary).arrayBuffer()).includes(FAILPOINT_VARIABLE)) {
    throw new Error(
      `${FAILPOINT_VARIABLE} is in the release build: guard the failpoint with \`if (CORTEX_FAULTS)\`.`,
    );
  }
}
