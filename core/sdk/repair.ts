/** Repairs: typed changes on a host, declared by plugins, run by the pipeline under guards. */
import type * as z from "zod";
import type { Result } from "./check.ts";
import type { Effect } from "./effect.ts";
import type { Log } from "./ports.ts";

/** R0 evidence · R1 reversible, interrupts nothing · R2 restarts one unit · R3 host level · R4 touches data. */
export type RepairClass = "R0" | "R1" | "R2" | "R3" | "R4";

/** The problem as a repair sees it: what the failing check said last. */
export interface ProblemView {
  id: string;
  check: string;
  target: string;
  type: string;
  owner: string | null;
  severity: string;
  summary: string;
  openedAt: number;
  result: Result;
}

export interface RepairRun {
  signal: AbortSignal;
  log: Log;
  /** Id of the intent; whatever is started gets it as CORTEX_INTENT in its environment. */
  intentId: string;
  /**
   * Let the privileged helper do what the plan's one effect says, with the approval there is. For `apply`, where
   * `ctx.privileges.helper` says that the helper would; never throws.
   */
  helper?(): Promise<ApplyOutcome>;
}

/** One thing that would change: `{ what: "unit nginx.service", from: "failed", to: "active" }`. */
export interface PlannedChange {
  what: string;
  from?: string;
  to?: string;
}

export interface Plan {
  /** One line: "remove 812 files, 30.2 GiB, oldest 40 days". */
  summary: string;
  changes: PlannedChange[];
  /** The same as typed data; without it, only people can decide about the plan. */
  effects?: Effect[];
  /**
   * What must be the same when the plan is measured again after an approval; default everything. For acts that are bound to
   * what was listed, or to a limit, whatever else changed meanwhile.
   */
  basis?: string;
  /** Measured promise, compared with what came of it; for cleaners the bytes to be freed and the file system's size. */
  promise?: { freedBytes: number; totalBytes: number };
  /** Nothing to do: the next candidate is asked. */
  empty?: boolean;
  /** What apply needs from the plan, JSON; part of the plan's hash. */
  data?: unknown;
}

export interface Precondition {
  name: string;
  ok: boolean;
  detail: string;
}

export interface ApplyOutcome {
  ok: boolean;
  /** One line: what was done, or what went wrong and what to do next. */
  summary: string;
  /** Programs run, exit codes, bytes freed …; JSON, goes to the ledger after redaction. */
  data?: Record<string, unknown>;
}

/** Did the interrupted apply take effect? `unknown` wakes a person. */
export type ProbeOutcome = "done" | "not_done" | "unknown";

export interface ConfigTest {
  ok: boolean;
  /** Program and its first lines of output. */
  summary: string;
}

export interface Repair<P = unknown> {
  /** `service.start`: unique in the program. */
  name: string;
  version: number;
  summary: string;
  class: RepairClass;
  /** Problem types it helps against. */
  remedies: string[];
  /** Owner schemes it can act on (`unit`, `process`); empty: any. */
  owners?: string[];
  /** Candidates are asked in ascending order; default 100. */
  order?: number;
  params: z.ZodType<P>;
  /** Typed parameters for this problem, or null when it does not apply here. Reads only. */
  resolve(problem: ProblemView, run: RepairRun): Promise<P | null> | P | null;
  /** Measured when proposed and again right before acting; any `ok: false` stops the repair. */
  preconditions?(params: P, run: RepairRun): Promise<Precondition[]>;
  /** What would change, as data. Dry run is this alone. */
  plan(params: P, run: RepairRun): Promise<Plan>;
  /** Guard G7: a syntax check of the configuration that the act would load. null: none exists. */
  configTest?(params: P, run: RepairRun): Promise<ConfigTest | null>;
  apply(params: P, plan: Plan, run: RepairRun): Promise<ApplyOutcome>;
  /** More than "the failing check is ok"; runs after apply and at each verification. */
  verify?(params: P, plan: Plan, run: RepairRun): Promise<Precondition>;
  /** After a crash in the middle. Default: "unknown" unless the failing check is ok. */
  probe?(params: P, run: RepairRun): Promise<ProbeOutcome>;
  /** How it is taken back when it did not hold; "nothing": it takes nothing away; "none": it can't be undone. */
  undo: ((params: P, plan: Plan, run: RepairRun) => Promise<ApplyOutcome>) | "nothing" | "none";
  /** Extra evidence to freeze before acting; each collector gets its share of the 250 ms. */
  evidence?(params: P, run: RepairRun): Promise<Record<string, string>>;
  /** Why this act needs a decision here whatever its class, in one line; null when it does not. Asked often: reads nothing slow. */
  asks?(params: P): string | null;
  /** Rights that it lacks on this node, one line each with what to run; shown beside it. */
  needs?(): string[];
  /** Of `apply`; default 60 s. The process group is killed on overrun. */
  timeoutMs?: number;
  /** Overrides of guards G1 and G2; milliseconds. */
  cooldownMs?: number;
  maxAttempts?: number;
  /** Starts what Cortex itself supervises: exempt from the boot guard. */
  supervised?: boolean;
  /** Absolute path of what it starts or ends, where the owner's name does not tell (a declared process). */
  program?: string;
}

/** Type helper: keeps `params` and the functions in step, then forgets P so that repairs fit in one list. */
export function defineRepair<P>(repair: Repair<P>): Repair {
  return repair as unknown as Repair;
}
