/**
 * A child that speaks JSON lines: one message a line on its standard input and output. What it writes is bounded in length
 * and rate, and its environment is empty but for what is given; a child that floods is killed.
 */
import type { Clock } from "cortex";

export interface LineProcess {
  readonly pid: number;
  send(message: unknown): void;
  /** `reason` is what `ended` then says. */
  kill(reason?: string): void;
  /** Resolves with why it ended, one line. */
  readonly ended: Promise<string>;
}

export interface LineProcessOptions {
  argv: readonly string[];
  env?: Record<string, string>;
  clock: Clock;
  onMessage(message: unknown): void;
  /** A line on standard error; at most 20 a second are passed on. */
  onStderr(line: string): void;
  /** Longest line and most bytes within a second; default 1 MiB and 4 MiB. */
  maxLineBytes?: number;
  maxBytesPerSecond?: number;
}

const ENV = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8" };
const STDERR_LINES_PER_SECOND = 20;

export function startLineProcess(options: LineProcessOptions): LineProcess {
  const { clock, maxLineBytes = 2 ** 20, maxBytesPerSecond = 4 * 2 ** 20 } = options;
  let why: string | null = null;
  const child = Bun.spawn([...options.argv], {
    cwd: "/",
    env: { ...ENV, ...options.env },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    detached: true,
  });

  function kill(reason?: string): void {
    why ??= reason ?? null;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }

  const rate = createRate(clock);
  const out = readLines(child.stdout, {
    maxLineBytes,
    onBytes(count) {
      if (rate.add(count) > maxBytesPerSecond) kill("flooded: it wrote more than 4 MiB within a second");
    },
    onTooLong: () => kill("flooded: it wrote a line of more than 1 MiB"),
    onLine(line) {
      let message: unknown;
      try {
        message = JSON.parse(line);
      } catch {
        return options.onStderr(line);
      }
      options.onMessage(message);
    },
  });
  const lines = createRate(clock);
  const err = readLines(child.stderr, {
    maxLineBytes: 8192,
    onBytes(count) {
      if (rate.add(count) > maxBytesPerSecond) kill("flooded: it wrote more than 4 MiB within a second");
    },
    onTooLong: () => {},
    onLine(line) {
      if (lines.add(1) <= STDERR_LINES_PER_SECOND) options.onStderr(line);
    },
  });

  return {
    pid: child.pid,
    send(message) {
      // A child that ended takes no messages, at once or, where they waited in the pipe, later; `ended` says so.
      const lost = () => undefined;
      try {
        Promise.resolve(child.stdin.write(`${JSON.stringify(message)}\n`)).catch(lost);
        Promise.resolve(child.stdin.flush()).catch(lost);
      } catch {
        lost();
      }
    },
    kill,
    ended: Promise.all([child.exited, out, err]).then(() => {
      if (why !== null) return why;
      return child.signalCode === null
        ? `exited with code ${child.exitCode}`
        : `ended by ${child.signalCode}`;
    }),
  };
}

/** Sum within the present second. */
function createRate(clock: Clock) {
  let second = 0;
  let sum = 0;
  return {
    add(count: number): number {
      const now = Math.floor(clock.monotonic() / 1000);
      sum = now === second ? sum + count : count;
      second = now;
      return sum;
    },
  };
}

interface LineHandlers {
  maxLineBytes: number;
  onBytes(count: number): void;
  onTooLong(): void;
  onLine(line: string): void;
}

async function readLines(stream: ReadableStream<Uint8Array>, handlers: LineHandlers): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    handlers.onBytes(chunk.length);
    rest += decoder.decode(chunk, { stream: true });
    const parts = rest.split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) if (line !== "") handlers.onLine(line);
    if (rest.length > handlers.maxLineBytes) {
      rest = "";
      handlers.onTooLong();
    }
  }
  if (rest !== "") handlers.onLine(rest);
}
