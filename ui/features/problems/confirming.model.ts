/** Bad results that are no problems yet: what passes by itself within its time never becomes one. */
import type { NodeItem } from "../../data/types.ts";

export interface Confirming {
  status: "warning" | "critical";
  /** How many of that status. */
  count: number;
  /** The one that will be confirmed first. */
  first: NodeItem["confirming"][number] & { node: string; nodeName: string };
}

/** The worst kind of what is being confirmed on these nodes; null when nothing is. */
export function confirmingOn(nodes: readonly NodeItem[]): Confirming | null {
  const all = nodes.flatMap(({ id, name, state, confirming }) =>
    state === "revoked" ? [] : confirming.map((one) => ({ ...one, node: id, nodeName: name })),
  );
  const critical = all.filter(({ status }) => status === "critical");
  const worst = critical.length > 0 ? critical : all;
  const due = (one: Confirming["first"]) => Date.parse(one.since) + one.seconds * 1000;
  const [first] = worst.toSorted((a, b) => due(a) - due(b));
  return first === undefined ? null : { status: first.status, count: worst.length, first };
}

/** Whole minutes (seconds below two minutes) that passed, of how many; never more than the whole. */
export function progressOf({ since, seconds }: Confirming["first"], now: number) {
  const inMinutes = seconds >= 120;
  const unit = inMinutes ? 60 : 1;
  const passed = Math.floor(Math.max(0, now - Date.parse(since)) / 1000 / unit);
  const whole = Math.round(seconds / unit);
  return { passed: Math.min(passed, whole), whole, inMinutes };
}
