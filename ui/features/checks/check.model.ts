/** What a check says last, and in which order checks are worth reading. */
import type { Look } from "../../kit/tone.tsx";
import type { Check, Inspection, Problem } from "../../data/types.ts";
import { statusLook } from "../nodes/result.model.ts";
import type { Texts } from "./texts.ts";

/** A check that does not run says so; otherwise its last result. */
export function checkLook(check: Check, t: Texts): Look {
  if (check.state === "broken") return { tone: "bad", icon: "x-circle", word: t.checks.states.broken };
  if (check.state === "paused") return { tone: "warn", icon: "pause", word: t.checks.states.paused };
  if (check.state === "skipped") return { tone: "idle", icon: "dashed", word: t.checks.states.skipped };
  if (check.status === null) return { tone: "idle", icon: "clock", word: t.checks.states.active };
  return statusLook(check.status, t);
}

/** How long a check rests, ms; null until it is resumed. */
export const PAUSES = { "1h": 3_600_000, "8h": 28_800_000, "24h": 86_400_000, open: null } as const;
export type Pause = keyof typeof PAUSES;

/** It is bad and no problem yet: what passes by itself before it is confirmed is none. */
export const isBeingConfirmed = (check: Check, problems: readonly Problem[]): boolean =>
  check.state === "active" &&
  check.confirmSeconds > 0 &&
  (check.status === "warning" || check.status === "critical") &&
  !problems.some(
    (one) =>
      one.state === "open" &&
      one.node === check.node &&
      one.check === check.name &&
      one.instance === check.instance,
  );

/** How a run went: a result, or why there is none. */
export function runLook(run: Inspection, t: Texts): Look {
  if (run.state === "running") return { tone: "accent", icon: "loader", word: t.checks.running, busy: true };
  const { status } = run;
  if (status === "ok" || status === "warning" || status === "critical" || status === "unknown")
    return statusLook(status, t);
  if (status === "skipped") return { tone: "idle", icon: "dashed", word: t.checks.states.skipped };
  return { tone: "bad", icon: "x-circle", word: t.checks.failed };
}

const OVERDUE_MS = 60_000;

/** Its next run should have been long ago: checks are held up, or its node is not heard. */
export const isOverdue = (nextRunAt: string, now: number): boolean =>
  now - Date.parse(nextRunAt) > OVERDUE_MS;

/** In the address: the node and the check. */
export const checkKey = (check: Pick<Check, "node" | "id">): string => `${check.node}/${check.id}`;

function rank(check: Check): number {
  if (check.state === "broken") return 0;
  if (check.state === "skipped") return 7;
  if (check.status === null) return 6;
  return 1 + ["critical", "unknown", "warning", "ok"].indexOf(check.status);
}

export const compareChecks = (a: Check, b: Check): number =>
  rank(a) - rank(b) || a.id.localeCompare(b.id) || a.nodeName.localeCompare(b.nodeName);

/** Every word occurs in one of the texts. */
export function matchesWords(words: string, texts: readonly string[]): boolean {
  const hay = texts.join(" ").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => hay.includes(word));
}

export const GROUPS = ["bad", "ok", "resting"] as const;

/** What a filter asks for: something to look at, nothing to look at, not running. */
export function groupOf(check: Check): (typeof GROUPS)[number] {
  if (check.state === "paused" || check.state === "skipped") return "resting";
  return check.state === "active" && (check.status === "ok" || check.status === null) ? "ok" : "bad";
}
