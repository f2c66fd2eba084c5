import { expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExecResult } from "cortex";
import { diskFolder } from "../../testing/test-folder.ts";
import { createSystemClock } from "../clock.ts";
import { createExec } from "./exec.ts";

const dir = diskFolder();

/** A program of the test's own; the kernel starts its interpreter, no shell text passes through the port. */
function script(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}
const exec = createExec({ killGraceMs: 300 });

test("T51 a program gets a fixed environment, the root folder and nothing of ours", async () => {
  const result = await exec.run(["env"], { env: { EXTRA: "1" } });
  expect(result.stdout.trim().split("\n").sort()).toEqual([
    "EXTRA=1",
    "LANG=C.UTF-8",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  ]);
  expect((await exec.run(["pwd"])).stdout).toBe("/\n");
});

test("T42 an argument that looks like shell text is an argument", async () => {
  const result = await exec.run(["echo", "$(id); `id` | x"]);
  expect(result).toMatchObject({
    stdout: "$(id); `id` | x\n",
    exitCode: 0,
    timedOut: false,
    truncated: false,
  });
});

test("T51 a bare name is looked up in the system's folders alone", async () => {
  script("cortex-private-tool", "exit 0");
  expect(createExec({ dirs: [dir] }).which("cortex-private-tool")).toBe(join(dir, "cortex-private-tool"));
  expect(exec.which("cortex-private-tool")).toBeNull();
  expect(exec.run(["cortex-private-tool"])).rejects.toMatchObject({ code: "exec.not_found" });
});

test("what may not be run is denied, what is absent is not found", async () => {
  const plain = join(dir, "plain.txt");
  writeFileSync(plain, "text", { mode: 0o644 });
  expect(exec.run([plain])).rejects.toMatchObject({ code: "exec.denied" });
  expect(exec.run(["./relative"])).rejects.toMatchObject({ code: "exec.denied" });
  expect(exec.run(["/nowhere/tool"])).rejects.toMatchObject({ code: "exec.not_found" });
  expect(exec.run([])).rejects.toMatchObject({ code: "exec.not_found" });
});

test("a non-zero exit is a result with both outputs", async () => {
  const program = script("fails", "echo out; echo err >&2; exit 3");
  expect(await exec.run([program])).toMatchObject({ exitCode: 3, stdout: "out\n", stderr: "err\n" });
});

test("standard input reaches the program", async () => {
  expect((await exec.run(["cat"], { stdin: "héllo" })).stdout).toBe("héllo");
});

test("T53 output beyond the cap is dropped and the program still ends", async () => {
  const result = await exec.run(["head", "-c", "3000000", "/dev/zero"], { maxOutputBytes: 1000 });
  expect(result).toMatchObject({ exitCode: 0, truncated: true });
  expect(result.stdout.length).toBe(1000);
});

test("T53 on a time-out the whole process group dies, also what ignores SIGTERM", async () => {
  const pidFile = join(dir, "grandchild.pid");
  const program = script(
    "stubborn",
    `trap '' TERM\nsleep 60 &\necho $! > ${pidFile}\necho before\nwhile :; do sleep 1; done`,
  );
  const result = await exec.run([program], { timeoutMs: 800 });
  expect(result).toMatchObject({ timedOut: true, exitCode: null, stdout: "before\n" });
  expect(await isGone(Number(readFileSync(pidFile, "utf8")))).toBe(true);
});

test("an aborted run rejects with the reason and leaves no process", async () => {
  const stop = new AbortController();
  const seen: ExecResult[] = [];
  const watched = createExec({ onRun: (result) => seen.push(result), killGraceMs: 300 });
  const running = watched.run(["sleep", "60"], { signal: stop.signal });
  stop.abort(new Error("stopped"));
  expect(running).rejects.toThrow("stopped");
  await running.catch(() => undefined);
  expect(seen).toMatchObject([{ argv: ["sleep", "60"], exitCode: null, timedOut: false }]);
});

test("a grandchild that keeps the pipes open does not delay the answer", async () => {
  const program = script("forks", "sleep 5 &\necho done");
  const result = await exec.run([program]);
  expect(result).toMatchObject({ exitCode: 0, stdout: "done\n" });
  expect(result.durationMs).toBeLessThan(3000);
});

/** Signals arrive when the kernel gets to it; a zombie whose parent is gone waits for init and runs no more. */
async function isGone(pid: number): Promise<boolean> {
  const gone = () =>
    !existsSync(`/proc/${pid}/stat`) || /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  const clock = createSystemClock();
  for (const end = clock.monotonic() + 3000; clock.monotonic() < end; await clock.sleep(5))
    if (gone()) return true;
  return false;
}
