/** Processes that run and end: argv arrays only, bounded in time and output, never through a shell. */
import { performance } from "node:perf_hooks";
import { defineErrors, messageOf } from "cortex";
import type { Exec, ExecOptions, ExecResult } from "cortex";
import { FIXED_ENV, findProgram, PROGRAM_DIRS, programState } from "./programs.ts";

const errors = defineErrors("exec", { not_found: "not_found", denied: "forbidden" });

const TIMEOUT_MS = 10_000;
const MAX_OUTPUT_BYTES = 256 * 1024;
/** Between SIGTERM and SIGKILL, and again between SIGKILL and giving up on a process stuck in the kernel. */
const KILL_GRACE_MS = 2000;
/** A grandchild in the background may hold the pipes open for ever; what it writes is not the program's output. */
const PIPE_GRACE_MS = 200;

export interface ExecPortOptions {
  /** Told of everything that ran: for the ledger and the log. */
  onRun?: (result: ExecResult) => void;
  killGraceMs?: number;
  dirs?: readonly string[];
}

interface Captured {
  text: string;
  truncated: boolean;
}

/** Collect up to `limit` bytes and go on reading, so that the program never blocks on a full pipe. */
function capture(stream: ReadableStream<Uint8Array>, limit: number) {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let truncated = false;
  const read = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const room = limit - size;
      if (value.length > room) truncated = true;
      if (room > 0) chunks.push(value.length > room ? value.slice(0, room) : value);
      size += Math.min(value.length, room);
    }
  };
  const finished = read().catch(() => undefined);
  return {
    finished,
    result: (): Captured => ({ text: Buffer.concat(chunks).toString("utf8"), truncated }),
    cancel: () => void reader.cancel().catch(() => undefined),
  };
}

/** Resolves true when the work was done in time. The timer never outlives the answer. */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), ms);
  const done = await Promise.race([work.then(() => true), late.promise]);
  clearTimeout(timer);
  return done;
}

function killGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    // `detached` made the child the leader of its own group, so its number names the whole group.
    process.kill(-pid, signal);
  } catch {
    // The group is gone: that is what was wanted.
  }
}

export function createExec(port: ExecPortOptions = {}): Exec {
  const dirs = port.dirs ?? PROGRAM_DIRS;
  const killGraceMs = port.killGraceMs ?? KILL_GRACE_MS;

  function locate(name: string): string {
    const found = findProgram(name, dirs);
    if (found !== null) return found;
    if (name.startsWith("/") && programState(name) === "denied")
      throw errors.denied(`${name} may not be run: it is no executable file for this user`);
    if (name.includes("/") && !name.startsWith("/"))
      throw errors.denied(`${name} may not be run: give a bare name or an absolute path`);
    throw errors.not_found(
      `${name} is not installed${name.startsWith("/") ? "" : ` (looked in ${dirs.join(", ")})`}`,
    );
  }

  function spawn(argv: readonly string[], options: ExecOptions) {
    const program = locate(argv[0] ?? "");
    try {
      return Bun.spawn([program, ...argv.slice(1)], {
        argv0: argv[0],
        detached: true,
        stdin: options.stdin === undefined ? "ignore" : new TextEncoder().encode(options.stdin),
        stdout: "pipe",
        stderr: "pipe",
        cwd: options.cwd ?? "/",
        env: { ...FIXED_ENV, ...options.env },
      });
    } catch (error) {
      throw errors.denied(`${program} can't be run: ${messageOf(error)}`, { cause: error });
    }
  }

  async function run(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    options.signal?.throwIfAborted();
    const started = performance.now();
    const child = spawn(argv, options);
    const limit = options.maxOutputBytes ?? MAX_OUTPUT_BYTES;
    const stdout = capture(child.stdout, limit);
    const stderr = capture(child.stderr, limit);

    const aborted = Promise.withResolvers<void>();
    const abort = () => aborted.resolve();
    options.signal?.addEventListener("abort", abort, { once: true });
    const ended = within(options.timeoutMs ?? TIMEOUT_MS, child.exited);
    const inTime = await Promise.race([ended, aborted.promise.then(() => false)]);
    options.signal?.removeEventListener("abort", abort);
    if (!inTime) await endGroup(child, killGraceMs);

    await within(PIPE_GRACE_MS, Promise.all([stdout.finished, stderr.finished]));
    stdout.cancel();
    stderr.cancel();
    child.unref();
    const [out, err] = [stdout.result(), stderr.result()];
    const result: ExecResult = {
      argv,
      exitCode: inTime ? child.exitCode : null,
      stdout: out.text,
      stderr: err.text,
      timedOut: !inTime && !options.signal?.aborted,
      truncated: out.truncated || err.truncated,
      durationMs: Math.round(performance.now() - started),
    };
    port.onRun?.(result);
    options.signal?.throwIfAborted();
    return result;
  }

  return { run, which: (name) => findProgram(name, dirs) };
}

/** SIGTERM for the group, then SIGKILL. A process stuck in the kernel (state D) is left behind rather than waited for. */
async function endGroup(child: { pid: number; exited: Promise<number> }, graceMs: number): Promise<void> {
  killGroup(child.pid, "SIGTERM");
  await within(graceMs, child.exited);
  // Also when the leader went quietly: its children may have ignored SIGTERM.
  killGroup(child.pid, "SIGKILL");
  await within(graceMs, child.exited);
}
