/** Results of a node: worst first, then by check and target. */
import type { Look } from "../../kit/tone.tsx";
import type { Result, Status } from "../../data/types.ts";
import type { Texts } from "./texts.ts";

const LOOKS: Record<Status, Omit<Look, "word">> = {
  ok: { tone: "ok", icon: "check-circle" },
  warning: { tone: "warn", icon: "problem" },
  critical: { tone: "bad", icon: "critical" },
  unknown: { tone: "unknown", icon: "question" },
};

export const statusLook = (status: Status, t: Pick<Texts, "status">): Look => ({
  ...LOOKS[status],
  word: t.status[status],
});

const RANK: Record<Status, number> = { critical: 0, unknown: 1, warning: 2, ok: 3 };

export const compareResults = (a: Result, b: Result): number =>
  RANK[a.status] - RANK[b.status] ||
  a.check.localeCompare(b.check) ||
  a.instance.localeCompare(b.instance) ||
  a.target.localeCompare(b.target, undefined, { numeric: true });
