/** Checks: what a plugin looks at, and what it says about it. */
import type { Log } from "./ports.ts";

export type Status = "ok" | "warning" | "critical" | "unknown";

/** Worst last; `unknown` sorts between warning and critical, as in Nagios' plug-in API. */
export const STATUS_ORDER: readonly Status[] = ["ok", "warning", "unknown", "critical"];

/**
 * What a check says about one target.
 * Example: `{ target: "/var", status: "warning", summary: "/var is 91.2 % full, 4.1 GiB left", type: "fs.space",
 * metrics: { "fs.used_ratio": 0.912 } }`.
 */
export interface Result {
  /** The object looked at: `/var`, `nginx.service`, `eth0`; a check about the whole host uses `host`. */
  target: string;
  status: Status;
  /** One line for people, with the value and the limit. */
  summary: string;
  /**
   * What somebody wants to know who looks closer, one line: the last words of a log. It stands in the history of the
   * problem that opens with it, never in a headline. At most 500 characters are kept.
   */
  detail?: string;
  /** Base units in the name: `_bytes _seconds _ratio _total`; keys are dotted, `fs.used_ratio`. */
  metrics?: Record<string, number>;
  labels?: Record<string, string>;
  /** Problem type if the status is not ok, matched against `Repair.remedies`. Default: the check's `type`. */
  type?: string;
  /** Who is responsible, as `scheme:name`: `unit:nginx.service`, `process:demo`, `mount:/data`. */
  owner?: string;
  /**
   * What this target stands on, as owners or `check:target` ids. If one of them has an open problem, this one is
   * marked "because of" and is not repaired.
   */
  dependsOn?: string[];
  /** Policy tags of the target: `stateful`, `critical`, `batch`, … */
  tags?: string[];
  /**
   * Seen by event, so no confirm time applies, and no repair is waited for to make it good after all: a child's exit, a
   * bus signal.
   */
  certain?: boolean;
  /**
   * Confirm time of this result instead of the check's, where a worse or different badness has its own (memory: warning
   * after 5 min, critical after 2). The operator's `confirm` for the instance wins over both. Milliseconds.
   */
  confirmMs?: number;
  /** Shown, recorded, never told to anybody. */
  observe?: boolean;
  /** Anything that repairs need to resolve their parameters; small, JSON. */
  data?: Record<string, unknown>;
}

/** "Not applicable here", with the reason; never an error. */
export interface Skipped {
  skipped: string;
  /** Set when only one target is left out and the others have results. */
  target?: string;
}

export interface CheckRun {
  signal: AbortSignal;
  log: Log;
  /** Status this check gave the target last time, for clear thresholds; null at first. */
  previous(target: string): Status | null;
  /** True in `cortex inspect`: no history, answers at once. */
  oneShot: boolean;
}

export interface Check {
  /** snake_case and unique in the program: `fs_space`. */
  name: string;
  summary: string;
  /** Default problem type of bad results: `fs.space`. */
  type: string;
  /**
   * A **fact** (process, unit, port, mount, answer) confirms at its own short time, has no grace and resolves when it
   * returns. A **measured** value (ratio, rate) has confirm times, clear thresholds, back-off and 5 min grace after boot.
   */
  nature: "fact" | "measured";
  /** Defaults; the instance's config (`interval`, `confirm`, `timeout`) wins. Milliseconds. */
  intervalMs: number;
  confirmMs: number;
  timeoutMs?: number;
  /** Cron expression instead of an interval. */
  schedule?: string;
  /** Needs two readings to say anything (rates): `inspect` runs it twice, 200 ms apart. */
  needsTwoReadings?: boolean;
  /** True when the check applies the host's grace itself (for example time synchronisation). */
  ownGrace?: boolean;
  run(run: CheckRun): Promise<(Result | Skipped)[]>;
}

export interface Thresholds {
  warning?: number;
  critical?: number;
  /** Values at which an open state ends; default the threshold itself. */
  clearWarning?: number;
  clearCritical?: number;
  /** "above" (default): larger is worse. */
  worse?: "above" | "below";
}

/**
 * Judge a value with hysteresis: once warning or critical, it stays so until it passes the clear threshold.
 * Example: `judge(0.84, { warning: 0.85, clearWarning: 0.8 }, "warning")` → "warning".
 */
export function judge(value: number, limits: Thresholds, previous: Status | null): Status {
  const sign = limits.worse === "below" ? -1 : 1;
  const reached = (limit: number | undefined) => limit !== undefined && sign * value >= sign * limit;
  const holds = (clear: number | undefined, limit: number | undefined) =>
    limit !== undefined && sign * value > sign * (clear ?? limit);
  if (reached(limits.critical)) return "critical";
  if (previous === "critical" && holds(limits.clearCritical, limits.critical)) return "critical";
  if (reached(limits.warning)) return "warning";
  if ((previous === "warning" || previous === "critical") && holds(limits.clearWarning, limits.warning))
    return "warning";
  return "ok";
}

/** The worst status of many; ok when there are none. */
export function worstStatus(statuses: Iterable<Status>): Status {
  let worst = 0;
  for (const status of statuses) worst = Math.max(worst, STATUS_ORDER.indexOf(status));
  return STATUS_ORDER[worst]!;
}
