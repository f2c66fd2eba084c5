/** What a check says last, and in which order checks are worth reading. */
import type { Look } from "../../kit/tone.tsx";
import type { Texts } from "../../lib/i18n.ts";
import type { Check } from "../../lib/types.ts";
import { statusLook } from "../nodes/result.model.ts";

/** A check that does not run says so; otherwise its last result. */
export function checkLook(check: Check, t: Texts): Look {
  if (check.state === "broken") return { tone: "bad", icon: "x-circle", word: t.checks.states.broken };
  if (check.state === "paused") return { tone: "warn", icon: "pause", word: t.checks.states.paused };
  if (check.state === "skipped") return { tone: "idle", icon: "dashed", word: t.checks.states.skipped };
  if (check.status === null) return { tone: "idle", icon: "clock", word: t.checks.states.active };
  return statusLook(check.status, t);
}

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
