/** Programs that answer from a table. A command nobody listed is a mistake of the test or of the plugin. */
import { basename } from "node:path";
import { CortexError } from "cortex";
import type { Exec, ExecOptions, ExecResult } from "cortex";

export interface FakeAnswer {
  stdout?: string;
  stderr?: string;
  /** Default 0; null for "ended by a signal". */
  exitCode?: number | null;
  timedOut?: boolean;
  truncated?: boolean;
  durationMs?: number;
  /** Reject with this code instead, for example `exec.not_found`. */
  error?: "exec.not_found" | "exec.denied";
}

/** A list gives one answer per call; its last one repeats. A function sees the arguments. */
export type FakeCommand =
  | FakeAnswer
  | FakeAnswer[]
  | ((argv: readonly string[], options: ExecOptions) => FakeAnswer | Promise<FakeAnswer>);

/** Command line (base name of argv[0], joined by blanks) → answer; `installed` adds to what `which` finds. */
export interface FakeCommands {
  installed?: string[];
  [command: string]: FakeCommand | string[] | undefined;
}

export interface FakeExec extends Exec {
  /** Every command run, in order. */
  calls: string[][];
  /** Options of each call, in the same order. */
  options: ExecOptions[];
  /** Commands that were run but are not in the table. */
  unexpected: string[];
}

export function createFakeExec(commands: FakeCommands = {}): FakeExec {
  const counts = new Map<string, number>();
  const listed = Object.keys(commands).filter((command) => command !== "installed");
  const installed = new Set([...(commands.installed ?? []), ...listed.map((key) => key.split(" ")[0]!)]);
  const calls: string[][] = [];
  const seen: ExecOptions[] = [];
  const unexpected: string[] = [];

  async function answerFor(key: string, argv: readonly string[], options: ExecOptions): Promise<FakeAnswer> {
    const command = listed.includes(key) ? (commands[key] as FakeCommand) : undefined;
    if (command === undefined) {
      if (!installed.has(basename(argv[0]!)) && commands.installed !== undefined)
        return { error: "exec.not_found" };
      unexpected.push(key);
      throw new Error(`unlisted command: ${key}`);
    }
    if (typeof command === "function") return command(argv, options);
    if (!Array.isArray(command)) return command;
    const index = counts.get(key) ?? 0;
    counts.set(key, index + 1);
    return command[Math.min(index, command.length - 1)]!;
  }

  return {
    calls,
    options: seen,
    unexpected,
    which: (name) =>
      installed.has(basename(name)) ? (name.startsWith("/") ? name : `/usr/bin/${name}`) : null,
    async run(argv, options = {}): Promise<ExecResult> {
      options.signal?.throwIfAborted();
      calls.push([...argv]);
      seen.push(options);
      const key = [basename(argv[0] ?? ""), ...argv.slice(1)].join(" ");
      const answer = await answerFor(key, argv, options);
      if (answer.error !== undefined)
        throw new CortexError(
          answer.error,
          answer.error === "exec.not_found" ? "not_found" : "forbidden",
          `${argv[0]}: ${answer.error === "exec.not_found" ? "not installed" : "permission denied"}`,
        );
      return {
        argv,
        exitCode: answer.exitCode === undefined ? (answer.timedOut ? null : 0) : answer.exitCode,
        stdout: answer.stdout ?? "",
        stderr: answer.stderr ?? "",
        timedOut: answer.timedOut ?? false,
        truncated: answer.truncated ?? false,
        durationMs: answer.durationMs ?? 1,
      };
    },
  };
}
