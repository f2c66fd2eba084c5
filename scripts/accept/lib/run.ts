/** Programs run to their end, argv only. */
export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  /** The whole environment; default a small fixed one. */
  env?: Record<string, string>;
  stdin?: string;
  /** Killed after this time; default 30 s. */
  timeoutMs?: number;
}

/** Nothing of the caller's environment but what every program needs. */
export const plainEnv = (): Record<string, string> => ({
  PATH: process.env.PATH ?? "/usr/bin:/bin",
  HOME: process.env.HOME ?? "/",
  LANG: "C.UTF-8",
});

export async function runProgram(argv: string[], options: RunOptions = {}): Promise<Ran> {
  const child = Bun.spawn(argv, {
    cwd: options.cwd,
    env: options.env ?? plainEnv(),
    stdin: options.stdin === undefined ? "ignore" : new Blob([options.stdin]),
    stdout: "pipe",
    stderr: "pipe",
    timeout: options.timeoutMs ?? 30_000,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}
