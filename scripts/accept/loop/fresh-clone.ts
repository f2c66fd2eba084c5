import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { isAlive, processesOf, signal } from "../lib/processes.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";

const BUILD_MS = 600_000;
const TEST_MS = 1_500_000;
const SERVES_MS = 10_000;

/** The caller's environment without any Bun: Node and npm must be enough. */
function withoutBun(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(BUN_|npm_)/.test(name));
  const path = (process.env.PATH ?? "").split(delimiter).filter((dir) => !existsSync(join(dir, "bun")));
  const env = { ...Object.fromEntries(kept), PATH: path.join(delimiter) } as Record<string, string>;
  ensure(Bun.which("bun", { PATH: env.PATH }) === null, "there is still a bun on the PATH");
  ensure(Bun.which("npm", { PATH: env.PATH }) !== null, "npm lies in a folder with bun; put it elsewhere");
  return env;
}

async function start(rig: Rig, clone: string, env: Record<string, string>) {
  const port = await rig.port();
  const begin = now();
  const where = ["--listen", `127.0.0.1:${port}`, "--data-dir", join(rig.folder, "data")];
  const child = rig.spawn(["npm", "start", "--", ...where], { cwd: clone, env });
  const daemon = () => processesOf(join(rig.folder, "data")).find((pid) => isUp(pid));
  await until(() => (child.exitCode === null ? daemon() : fail(rig)), {
    what: "the build has ended and the program is started",
    timeoutMs: BUILD_MS,
    everyMs: 20,
  });
  const builtAt = now();
  await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok, {
    what: "it serves",
    timeoutMs: SERVES_MS,
    everyMs: 10,
  });
  const servedAt = now();
  signal(child.pid, "SIGTERM");
  await until(() => !isAlive(child.pid) && daemon() === undefined, {
    what: "npm start ends on SIGTERM, and the program with it",
    timeoutMs: 10_000,
  });
  return { buildMs: builtAt - begin, startMs: servedAt - builtAt };
}

/** The compiled program itself, not npm or Node, which carry the same words. */
function isUp(pid: number): boolean {
  const [program = "", command] = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
  return program.endsWith("dist/cortex") && command === "up";
}

function fail(rig: Rig): never {
  throw new Error(`npm start ended; its output lies in ${rig.folder}`);
}

async function fromFreshClone(rig: Rig): Promise<string> {
  const clone = join(rig.folder, "clone");
  const env = withoutBun();
  const cloned = await rig.run(["git", "clone", "--quiet", rig.root, clone], { timeoutMs: 120_000 });
  ensureEqual(cloned.code, 0, `git clone (${cloned.stderr.trim()})`);
  const first = await start(rig, clone, env);
  rig.say(`built in ${inTime(first.buildMs)}, served ${inTime(first.startMs)} after that`);
  const again = await start(rig, clone, env);
  rig.say(`started again: ${inTime(again.buildMs + again.startMs)}`);
  const begin = now();
  const tests = await rig.run(["npm", "test"], { cwd: clone, env, timeoutMs: TEST_MS });
  const sum = tests.stdout.trim().split("\n").at(-1) ?? "";
  if (tests.code !== 0)
    rig.say(
      tests.stderr
        .split("\n")
        .filter((line) => /\(fail\)|error:/.test(line))
        .slice(0, 40)
        .join("\n  "),
    );
  ensureEqual(tests.code, 0, `exit code of npm test (${sum})`);
  const status = await rig.run(["git", "status", "--porcelain"], { cwd: clone });
  ensureEqual(status.stdout.trim(), "", "files that building and testing left in the clone");
  return (
    `install and build ${inTime(first.buildMs)}, serves ${inTime(first.startMs)} later; ` +
    `again ${inTime(again.buildMs + again.startMs)}; npm test ${sum} in ${inTime(now() - begin)}`
  );
}

const scenario: Scenario = {
  name: "fresh-clone",
  quick: false,
  timeoutMs: BUILD_MS + TEST_MS,
  needs: ["git"],
  run: fromFreshClone,
};
export default scenario;
