/** What a scenario has at hand. Everything it starts is stopped by pid and every folder removed when it ends. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { freePort } from "../../../core/testing/free-port.ts";
import { rootDir } from "../../lib/tree.ts";
import { type Cortex, type CortexOptions, startCortex } from "./cortex.ts";
import { end, isAlive, processesOf, signal } from "./processes.ts";
import { plainEnv, type Ran, type RunOptions, runProgram } from "./run.ts";

export interface Rig {
  /** The quick tier was asked for. */
  readonly quick: boolean;
  /** The checkout. */
  readonly root: string;
  /** This scenario's own folder, removed at its end; mode 0700. */
  readonly folder: string;
  /** A daemon of the built binary, ready. */
  cortex(options?: CortexOptions): Promise<Cortex>;
  port(): Promise<number>;
  /** Write a file below `folder` and answer its path. */
  file(name: string, text: string, mode?: number): string;
  /** A program in the background, ended with the scenario; the end of its output is shown when it fails. */
  spawn(argv: string[], options?: { cwd?: string; env?: Record<string, string> }): Bun.Subprocess;
  /** A program run to its end. */
  run(argv: string[], options?: RunOptions): Promise<Ran>;
  /** Path of the binary under test, without starting it. */
  binary(faults?: boolean): Promise<string>;
  /** A line for standard error, at once: progress of long scenarios. */
  say(line: string): void;
  /** Runs before the processes are ended, also after a failure. */
  atEnd(work: () => void | Promise<void>): void;
}

export interface OwnedRig extends Rig {
  /** What a person needs to see why it failed. */
  details(): string;
  dispose(): Promise<void>;
}

const TAIL_LINES = 40;
/** A scenario may start many; the last ones are those it failed on. */
const LAST_SHOWN = 3;

export interface RigOptions {
  label: string;
  quick: boolean;
  binary: (faults: boolean) => Promise<string>;
}

export function createRig(options: RigOptions): OwnedRig {
  const outer = process.env.TMPDIR;
  const folder = mkdtempSync(join(tmpdir(), "cortex-accept-"));
  // What a browser that was killed leaves behind goes with the rest.
  process.env.TMPDIR = join(folder, "tmp");
  mkdirSync(process.env.TMPDIR);
  const started = new Set<number>();
  const daemons: Cortex[] = [];
  const programs: { argv: string[]; log: string }[] = [];
  const endings: (() => void | Promise<void>)[] = [];
  let count = 0;
  let disposed = false;
  const assertAlive = () => {
    if (disposed) throw new Error("this scenario has ended");
  };

  return {
    quick: options.quick,
    root: rootDir,
    folder,
    async cortex(wanted = {}) {
      assertAlive();
      return startCortex(
        {
          folder: join(folder, `cortex-${(count += 1)}`),
          binary: options.binary,
          port: freePort,
          onCreate: (cortex) => daemons.push(cortex),
          onStart(pid) {
            started.add(pid);
            if (disposed) signal(pid, "SIGKILL");
          },
        },
        wanted,
      );
    },
    port: freePort,
    file(name, text, mode = 0o600) {
      assertAlive();
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { mode });
      return path;
    },
    spawn(argv, { cwd = folder, env } = {}) {
      assertAlive();
      const log = join(folder, `program-${(count += 1)}.log`);
      programs.push({ argv, log });
      const output = openSync(log, "a");
      const child = Bun.spawn(argv, {
        cwd,
        env: env ?? plainEnv(),
        stdin: "ignore",
        stdout: output,
        stderr: output,
      });
      closeSync(output);
      started.add(child.pid);
      return child;
    },
    run: (argv, more = {}) => runProgram(argv, { cwd: folder, ...more }),
    binary: (faults = false) => options.binary(faults),
    say: (line) => void process.stderr.write(`  ${options.label}: ${line}\n`),
    atEnd: (work) => void endings.push(work),
    details: () =>
      [
        ...programs.slice(-LAST_SHOWN).map(({ argv, log }) => ({ what: argv.join(" "), text: textOf(log) })),
        ...daemons.slice(-LAST_SHOWN).map((one) => ({ what: `Cortex at ${one.url}`, text: one.stderr() })),
      ]
        .map(({ what, text }) => `last lines of ${what}:\n${tail(text)}`)
        .join("\n"),
    async dispose() {
      if (disposed) return;
      disposed = true;
      for (const work of endings) await Promise.resolve(work()).catch(() => undefined);
      await end([...started].filter(isAlive));
      // What daemons started lives in sessions of its own; this folder's name is what all of it carries.
      await end(processesOf(folder), 1000);
      for (const pid of processesOf(folder)) signal(pid, "SIGKILL");
      if (outer === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = outer;
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

const textOf = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : "");
const tail = (text: string) => text.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
