/** What every repair promises. */
import { undoOf } from "../domain/decide/blast-radius.ts";
import { describe, expect, test } from "bun:test";
import type { Cleaner, Daemons, HostActs, PluginDefinition, ProblemView, Repair, RepairRun } from "cortex";
import { createTestContext } from "./context.ts";
import type { TestContextOptions } from "./context.ts";
import { createFakeActs, createFakeDaemons } from "./fake-ports.ts";
import { setupPlugin } from "./plugin.contract.ts";

export interface RepairCase {
  /** Name of the repair that resolves this problem. */
  repair: string;
  problem: ProblemView;
  /** The host on which it occurs; called anew for each test. */
  context: () => Partial<TestContextOptions>;
}

export interface RepairContractOptions {
  config?: unknown;
  /** At least one per repair. */
  cases: RepairCase[];
  /** Beginnings of command lines that change the host, besides the well-known ones. */
  mutating?: string[];
}

const MUTATING = [
  ...[
    "start",
    "stop",
    "restart",
    "try-restart",
    "reload",
    "reload-or-restart",
    "reset-failed",
    "daemon-reload",
  ].map((verb) => `systemctl ${verb}`),
  ...[
    "kill",
    "pkill",
    "killall",
    "rm",
    "truncate",
    "mount",
    "umount",
    "swapoff",
    "swapon -a",
    "reboot",
    "renice",
  ],
  ...["journalctl --vacuum", "journalctl --rotate", "apt-get clean", "apt-get install", "dpkg --configure"],
  ...["docker start", "docker restart", "docker rm", "docker image prune", "sysctl -w", "ip link set"],
];

/** A problem as the pipeline hands it to repairs, for tests. */
export function createTestProblem(
  fields: Partial<ProblemView> & { type: string; target: string },
): ProblemView {
  const summary = fields.summary ?? `${fields.target} is bad`;
  const owner = fields.owner ?? null;
  return {
    id: "problem-1",
    check: "test_check",
    owner,
    severity: "critical",
    summary,
    openedAt: Date.UTC(2026, 0, 1),
    result: {
      target: fields.target,
      status: "critical",
      summary,
      type: fields.type,
      ...(owner === null ? {} : { owner }),
    },
    ...fields,
  };
}

export function createTestRun(ctx = createTestContext({ plugin: "test" })): RepairRun {
  return { signal: new AbortController().signal, log: ctx.log, intentId: "intent-1" };
}

const forbidden = (what: string) => () => {
  throw new Error(`${what} was called by resolve, preconditions or plan`);
};

/** A context in which acting is an error. */
function createReadOnly(plugin: PluginDefinition, config: unknown, given: Partial<TestContextOptions>) {
  const daemons: Daemons = {
    ...(given.daemons ?? createFakeDaemons()),
    start: forbidden("daemons.start"),
    signal: forbidden("daemons.signal"),
  };
  const cleaner: Cleaner | undefined = given.cleaner && {
    scan: given.cleaner.scan,
    remove: forbidden("cleaner.remove"),
  };
  const acts = createFakeActs();
  const reading: HostActs = {
    ...acts,
    // A configuration test runs what it tests, and changes nothing.
    run: (act, signal) =>
      act.verb === "replace_file" && act.dry ? acts.run(act, signal) : forbidden("acts.run")(),
  };
  const { ctx, hooks } = setupPlugin(plugin, config, { ...given, daemons, cleaner, acts: reading });
  return { ctx, hooks, run: createTestRun(ctx) };
}

export function repairContract(plugin: PluginDefinition, options: RepairContractOptions): void {
  const config = options.config ?? {};
  const setUp = (given: Partial<TestContextOptions> = {}) => createReadOnly(plugin, config, given);
  const mutating = [...MUTATING, ...(options.mutating ?? [])];
  const changes = (calls: string[][]) =>
    calls
      .map((argv) => [argv[0]!.split("/").at(-1), ...argv.slice(1)].join(" "))
      .filter((line) =>
        mutating.some(
          (start) => line === start || line.startsWith(`${start} `) || line.startsWith(`${start}-`),
        ),
      );

  describe(`${plugin.name}: repair contract`, () => {
    for (const repair of setUp().hooks.repairs ?? []) {
      test(`${repair.name} is declared completely`, () => {
        expect(repair.name).toMatch(/^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$/);
        expect(Number.isInteger(repair.version) && repair.version >= 1).toBe(true);
        expect(repair.summary).toMatch(/^\S[^\n]+$/);
        expect(repair.class).toMatch(/^R[0-4]$/);
        expect(repair.remedies.length).toBeGreaterThan(0);
        expect(["none", "nothing"].includes(repair.undo as string) || typeof repair.undo === "function").toBe(
          true,
        );
      });

      test(`${repair.name} has a case in the contract`, () =>
        expect(options.cases.map((entry) => entry.repair)).toContain(repair.name));

      test(`${repair.name} does not resolve a foreign problem`, async () => {
        const { hooks, run } = setUp();
        const problem = createTestProblem({
          type: "foreign.problem",
          target: "foreign",
          owner: "foreign:thing",
        });
        expect(await find(hooks.repairs, repair.name).resolve(problem, run)).toBeNull();
      });
    }

    for (const { repair: name, problem, context } of options.cases) {
      test(`${name} resolves ${problem.type} on ${problem.target} to parameters that its schema accepts`, async () => {
        const { hooks, run } = setUp(context());
        const repair = find(hooks.repairs, name);
        expect(repair.remedies).toContain(problem.type);
        const params = await repair.resolve(problem, run);
        expect(params).not.toBeNull();
        expect(repair.params.parse(JSON.parse(JSON.stringify(params)))).toEqual(params);
      });

      test(`${name} plans the same for ${problem.target} when nothing changed, and does not act`, async () => {
        const { ctx, hooks, run } = setUp(context());
        const repair = find(hooks.repairs, name);
        const params = await repair.resolve(problem, run);
        await repair.preconditions?.(params, run);
        const plan = await repair.plan(params, run);
        expect(plan.summary).toMatch(/^\S[^\n]*$/);
        expect(await repair.plan(params, run)).toEqual(plan);
        expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
        expect(changes(ctx.calls)).toEqual([]);
      });

      test(`${name} says the same of its undo everywhere: in lists and of its plan for ${problem.target}`, async () => {
        const { hooks, run } = setUp(context());
        const repair = find(hooks.repairs, name);
        const { effects } = await repair.plan(await repair.resolve(problem, run), run);
        const planned = undoOf(effects ?? null, typeof repair.undo === "function");
        const listed = typeof repair.undo === "function" ? "taken_back" : repair.undo;
        // A list knows no plan: what removes only what can be spared can't be undone there, either.
        expect(planned === "spared" ? "none" : planned).toBe(listed);
      });
    }
  });
}

function find(repairs: Repair[] | undefined, name: string): Repair {
  const repair = repairs?.find((entry) => entry.name === name);
  if (!repair) throw new Error(`there is no repair ${name}`);
  return repair;
}
