import { rootDir } from "./tree.ts";

export interface Finished {
  exitCode: number;
  /** Standard output and error together. */
  output: string;
}

/** Run a program of the tool chain to its end; argv only. */
export async function run(argv: string[], cwd = rootDir, env = process.env): Promise<Finished> {
  const child = Bun.spawn(argv, { cwd, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, output: out + err };
}

/** Like `run`, but anything but success is an error that ends with the program's last lines. */
export async function runOrThrow(argv: string[], what: string, cwd = rootDir): Promise<string> {
  const { exitCode, output } = await run(argv, cwd);
  if (exitCode !== 0) {
    throw new Error(
      `${what} failed with exit code ${exitCode}:\n${output.trim().split("\n").slice(-30).join("\n")}`,
    );
  }
  return output;
}
