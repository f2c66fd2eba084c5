import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "cortex";
import { checkContract } from "../../core/testing/check.contract.ts";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import { createFakeDaemons } from "../../core/testing/fake-ports.ts";
import { goldenCases } from "../../core/testing/golden.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createTestProblem, createTestRun, repairContract } from "../../core/testing/repair.contract.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import plugin from "./index.ts";

const PROGRAM = "/usr/bin/burn";
const CONFIG = { program: PROGRAM };
const BOOT = "boot-test";

interface Process {
  pid: number;
  group: number;
  start: number;
  exe?: string;
  parent?: number;
}

/** A host with these processes; Cortex itself is process 100, below 50. */
function hostWith(processes: Process[]): string {
  const root = testFolder();
  const own = [
    { pid: 50, group: 50, start: 5, exe: "/bin/sh" },
    { pid: 100, group: 100, start: 10, exe: "/usr/bin/cortex", parent: 50 },
  ];
  const links: Record<string, string> = { "/proc/self": "100" };
  for (const { pid, group, start, exe = PROGRAM, parent = 1 } of [...own, ...processes]) {
    mkdirSync(join(root, `proc/${pid}`), { recursive: true });
    const stat = `${pid} (burn) R ${parent} ${group} ${group} 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${start} 0 10`;
    writeFileSync(join(root, `proc/${pid}/stat`), stat);
    links[`/proc/${pid}/exe`] = exe;
  }
  writeFileSync(join(root, ".links.json"), JSON.stringify(links));
  return root;
}

const GROUP: Process[] = [
  { pid: 300, group: 300, start: 1000 },
  { pid: 301, group: 300, start: 1001 },
];
const first = { pid: 300, startTicks: 1000, bootId: BOOT, exe: PROGRAM };

function problemOf(data: Record<string, unknown> = { group: 300, first }) {
  const base = { type: "process.runaway", target: PROGRAM, owner: `program:${PROGRAM}` };
  const problem = createTestProblem(base);
  return { ...problem, result: { ...problem.result, data } };
}

function setUp(processes: Process[]) {
  const daemons = createFakeDaemons();
  for (const { pid, start, exe = PROGRAM } of processes)
    daemons.adopt({ pid, startTicks: start, bootId: BOOT, exe });
  const { signal } = daemons;
  // As the kernel does: a signal to the group reaches all of it.
  daemons.signal = (identity, name) =>
    processes.filter(({ pid, start }) => signal({ ...identity, pid, startTicks: start }, name)).length > 0;
  const root = hostWith(processes);
  const ctx = createTestContext({ plugin, root, daemons, node: { bootId: BOOT }, clock: createTestClock() });
  const { checks, repairs } = plugin.setup(ctx, plugin.config.parse(CONFIG));
  return { ctx, daemons, check: checks![0]!, repair: repairs![0]!, run: createTestRun(ctx), root };
}

/** What stands in the way of ending the group of 300; "" for nothing. */
async function obstacle(processes: Process[]): Promise<string> {
  const { repair, run, daemons } = setUp(processes);
  const params = { group: 300, first };
  const found = (await repair.preconditions!(params, run)).find(({ ok }) => !ok);
  const outcome = await repair.apply(params, await repair.plan(params, run), run);
  // Whoever skips the preconditions gets no further.
  expect(outcome.ok).toBe(found === undefined);
  if (found !== undefined) expect(daemons.signals).toEqual([]);
  return found?.detail ?? "";
}

pluginContract(plugin, CONFIG);
checkContract(plugin, CONFIG);
goldenCases(plugin, import.meta.dir);
repairContract(plugin, {
  config: CONFIG,
  cases: [
    {
      repair: "process.end_group",
      problem: problemOf(),
      context: () => ({ root: hostWith(GROUP), node: { bootId: BOOT } }),
    },
  ],
});

test("the busiest group of the program is measured, and named by its oldest member", async () => {
  const { ctx, check, root } = setUp(GROUP);
  const clock = ctx.clock as ReturnType<typeof createTestClock>;
  expect(await runCheck(check, ctx)).toEqual([{ skipped: expect.stringContaining("first reading") }]);
  await clock.advance(10_000);
  const tickMs = ctx.node.tickMs;
  const stat = `301 (burn) R 300 300 300 0 -1 0 0 0 0 0 ${15_000 / tickMs} 0 0 0 20 0 1 0 1001 0 10`;
  writeFileSync(join(root, "proc/301/stat"), stat);
  const [result] = (await runCheck(check, ctx)) as Result[];
  expect(result).toMatchObject({
    status: "critical",
    owner: `program:${PROGRAM}`,
    tags: ["stateful"],
    metrics: { "runaway.cores": 1.5 },
    data: { group: 300, first },
  });
});

test("exactly the members are told in the plan, and its effect names them for the gate", async () => {
  const { repair, run } = setUp(GROUP);
  const plan = await repair.plan({ group: 300, first }, run);
  expect(plan.effects).toEqual([{ kind: "process", verb: "end", name: PROGRAM, pids: [300, 301] }]);
});

test("nothing stands in the way of the group that was looked at", async () => {
  expect(await obstacle(GROUP)).toBe("");
});

test("verified is that nobody is left, also of those who were born while it ended", async () => {
  const verdict = async (processes: Process[]) => {
    const { repair, run } = setUp(processes);
    return repair.verify!({ group: 300, first }, await repair.plan({ group: 300, first }, run), run);
  };
  expect(await verdict([])).toMatchObject({ ok: true, detail: "group 300 is gone" });
  expect(await verdict([{ pid: 309, group: 300, start: 9000 }])).toMatchObject({
    ok: false,
    detail: "1 process left",
  });
});

test("T45 a group whose number means another one by now is not touched", async () => {
  expect(await obstacle([{ pid: 300, group: 300, start: 2000 }])).toBe("group 300 is not there any more");
  expect(await obstacle([])).toBe("group 300 is not there any more");
});

test("T45 a group in which another program runs is not touched", async () => {
  expect(await obstacle([...GROUP, { pid: 302, group: 300, start: 1002, exe: "/usr/bin/psql" }])).toBe(
    "process 302 of the same group is /usr/bin/psql; end it by hand",
  );
});

test("T45 a group with Cortex or anything above it is not touched", async () => {
  for (const pid of [100, 50])
    expect(await obstacle([...GROUP, { pid, group: 300, start: 1003, parent: pid === 100 ? 50 : 1 }])).toBe(
      `process ${pid} is Cortex's own, or what it runs under`,
    );
});

test("init and its like are no parameters", () => {
  const { repair } = setUp(GROUP);
  for (const pid of [0, 1, 2]) {
    expect(repair.params.safeParse({ group: pid, first }).success).toBe(false);
    expect(repair.params.safeParse({ group: 300, first: { ...first, pid } }).success).toBe(false);
  }
});
