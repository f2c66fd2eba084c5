/** Real process groups that really burn processor time. */
import { afterEach, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { copyFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { ProcessIdentity, Result } from "cortex";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { createRealHost, until } from "../../core/testing/real-host.ts";
import { createTestProblem, createTestRun } from "../../core/testing/repair.contract.ts";
import { diskFolder } from "../../core/testing/test-folder.ts";
import plugin from "./index.ts";

const PYTHON = "/usr/bin/python3";
const folder = diskFolder();
/** A program of this test's own, so that no other process of this host is looked at. */
const BURNER = join(realpathSync(folder), "burner");
const host = createRealHost();
const started: ProcessIdentity[] = [];

afterEach(() => {
  for (const identity of started.splice(0)) host.daemons.signal(identity, "SIGKILL");
});

/** A parent and a child of one group, both busy; the child ends only by SIGKILL. */
const BURNING = `
import os, signal
if os.fork() == 0: signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.execv("${BURNER}", ["burner", "/dev/zero"])
`;

async function start(...argv: string[]) {
  const identity = await host.daemons.start({ argv, logFile: join(folder, "output.log") });
  started.push(identity);
  return identity;
}

test("a real group is measured, ended to its last member, and its neighbour lives on", async () => {
  copyFileSync("/usr/bin/sha256sum", BURNER);
  execFileSync("/usr/bin/mkfifo", [join(folder, "silent")]);
  // Waits for a writer for ever.
  const neighbour = await start(BURNER, join(folder, "silent"));
  const burning = await start(PYTHON, "-c", BURNING);
  const ctx = createTestContext({ ...host, plugin });
  const config = plugin.config.parse({ program: BURNER, critical_cores: 0.05, stop_timeout: "200ms" });
  const { checks, repairs } = plugin.setup(ctx, config);
  const [check, repair] = [checks![0]!, repairs![0]!];
  const run = createTestRun(ctx);
  const problem = createTestProblem({
    type: "process.runaway",
    target: BURNER,
    owner: `program:${BURNER}`,
  });
  let params: unknown = null;
  await until(async () => {
    const [result] = (await runCheck(check, ctx)) as Result[];
    if (result!.status !== "critical" || result!.data?.group !== burning.pid) return false;
    params = await repair.resolve({ ...problem, result: result! }, run);
    return (await repair.preconditions!(params, run)).every(({ ok }) => ok);
  }, "it is found");
  expect(Object.keys(await repair.evidence!(params, run))).toContain(`process ${burning.pid} status`);
  const plan = await repair.plan(params, run);
  expect(plan.changes).toHaveLength(2);

  const outcome = await repair.apply(params, plan, run);
  expect(outcome.summary).toBe(`ended 2 processes of group ${burning.pid}, 1 of them by SIGKILL`);
  // The port shares readings of /proc for a moment.
  await until(async () => (await repair.verify!(params, plan, run)).ok, "it is verified");
  expect(await repair.probe!(params, run)).toBe("done");
  expect(host.daemons.alive(neighbour)).toBe(true);
  const again = await repair.preconditions!(params, run);
  expect(again[0]).toMatchObject({ ok: false, detail: `group ${burning.pid} is not there any more` });
});
