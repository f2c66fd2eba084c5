/** What an intent means to people: its state, the steps on its way, what came of it. */
import type { IconName } from "../../kit/icon.tsx";
import type { Look } from "../../kit/tone.tsx";
import type { Intent, IntentState } from "../../data/types.ts";
import type { Texts } from "./texts.ts";

const LOOKS: Record<IntentState, Omit<Look, "word">> = {
  proposed: { tone: "warn", icon: "question" },
  approved: { tone: "accent", icon: "check" },
  rejected: { tone: "idle", icon: "ban" },
  expired: { tone: "idle", icon: "clock" },
  superseded: { tone: "idle", icon: "arrow-right" },
  executing: { tone: "accent", icon: "loader", busy: true },
  verifying: { tone: "accent", icon: "loader", busy: true },
  verified: { tone: "ok", icon: "check-circle" },
  failed: { tone: "bad", icon: "x-circle" },
  undone: { tone: "warn", icon: "undo" },
  unknown: { tone: "unknown", icon: "question" },
};

const ENTRY_ICONS: Record<Exclude<Intent["kind"], "repair">, IconName> = {
  note: "note",
  milestone: "flag",
  blocker: "ban",
};

export function intentLook(intent: Pick<Intent, "kind" | "state" | "shadow">, t: Texts): Look {
  if (intent.kind !== "repair")
    return {
      tone: intent.kind === "blocker" ? "warn" : "idle",
      icon: ENTRY_ICONS[intent.kind],
      word: t.intent.kinds[intent.kind],
    };
  if (intent.shadow && intent.state === "proposed")
    return { tone: "idle", icon: "eye", word: t.intent.shadow };
  return { ...LOOKS[intent.state], word: t.intent.states[intent.state] };
}

export interface Step {
  state: IntentState;
  mark: "done" | "current" | "failed" | "todo";
  /** ISO time, where the record tells one. */
  at: string | null;
}

const WAY: readonly IntentState[] = ["proposed", "approved", "executing", "verifying", "verified"];
const BAD_ENDS: readonly IntentState[] = ["rejected", "expired", "superseded", "failed", "undone", "unknown"];

/** The way from proposed to verified, cut short where it ended otherwise. Empty for notes and for shadow intents. */
export function stepsOf(intent: Intent): Step[] {
  if (intent.kind !== "repair" || intent.shadow) return [];
  const at = stepTimes(intent);
  if (BAD_ENDS.includes(intent.state)) {
    const passed = WAY.slice(0, reachedBefore(intent));
    return [
      ...passed.map((state): Step => ({ state, mark: "done", at: at[state] ?? null })),
      { state: intent.state, mark: "failed", at: intent.finishedAt ?? intent.updatedAt },
    ];
  }
  const position = WAY.indexOf(intent.state);
  const finished = intent.state === "verified";
  return WAY.map((state, index): Step => {
    const mark = index < position || finished ? "done" : index === position ? "current" : "todo";
    return { state, mark, at: mark === "todo" ? null : (at[state] ?? null) };
  });
}

/** How many steps of the way were behind it when it ended badly. */
function reachedBefore(intent: Intent): number {
  const did = (step: string) => intent.outcome.some((line) => line.step.startsWith(step));
  if (did("verif")) return 4;
  if (did("apply") || did("undo") || intent.state === "undone" || intent.state === "unknown") return 3;
  return isApproved(intent) ? 2 : 1;
}

const isApproved = (intent: Intent): boolean => intent.decisions.at(-1)?.verdict === "allow";

function stepTimes(intent: Intent): Partial<Record<IntentState, string>> {
  const line = (step: string) => intent.outcome.find((one) => one.step.startsWith(step))?.at;
  const approved = isApproved(intent) ? intent.decisions.at(-1)?.at : undefined;
  // The agent says when the act was over; verifying begins there.
  const applied = line("apply");
  const times: Partial<Record<IntentState, string | undefined>> = {
    proposed: intent.createdAt,
    approved,
    executing: applied ?? (intent.state === "executing" ? intent.updatedAt : undefined),
    verifying: applied ?? (intent.state === "verifying" ? intent.updatedAt : undefined),
    verified: intent.finishedAt ?? undefined,
  };
  return times as Partial<Record<IntentState, string>>;
}

/** What came of it, in one line: the last word of the outcome, else the plan. */
export function outcomeLine(intent: Intent): string {
  const last = intent.outcome.at(-1);
  if (last !== undefined) return last.summary;
  const planned = intent.plan?.summary ?? intent.text;
  return isSaid(planned, intent) ? "" : planned;
}

/** The moment that its state is told with: its end, while it has none the proposal. */
export const toldAt = ({ finishedAt, createdAt }: Pick<Intent, "finishedAt" | "createdAt">): string =>
  finishedAt ?? createdAt;

/** From the wish to its end, or until now while it acts; null while it only waits for a decision. */
export function durationMs(intent: Intent, now: number): number | null {
  if (intent.finishedAt === null && !isActing(intent)) return null;
  const end = intent.finishedAt === null ? now : Date.parse(intent.finishedAt);
  return Math.max(0, end - Date.parse(intent.createdAt));
}

export interface Actor {
  kind: "agent" | "person" | "key" | "other";
  name: string;
  icon: IconName;
}

/** `user:anna`, `key:ci`, `local`, `agent`, …: who wished it. */
export function actorOf(actor: string, t: Texts): Actor {
  const [scheme = "", name = ""] = actor.split(/:(.*)/s);
  if (scheme === "user") return { kind: "person", name, icon: "person" };
  if (scheme === "key") return { kind: "key", name, icon: "plug" };
  if (scheme === "local") return { kind: "person", name: t.intent.local, icon: "person" };
  if (["agent", "engine", "rules", "policy", "cortex", "supervisor"].includes(scheme))
    return { kind: "agent", name: t.intent.agent, icon: "bot" };
  return { kind: "other", name: actor, icon: "bot" };
}

/** The headline says it already. */
export const isSaid = (text: string, { summary }: Pick<Intent, "summary">): boolean =>
  text.toLowerCase() === summary.toLowerCase();

/** Who decided: people and keys by name, the policy in words, rules and judges as they are called. */
export function deciderName(decider: string, t: Texts): string {
  const { kind, name } = actorOf(decider, t);
  return t.intent.deciders[decider] ?? (kind === "person" || kind === "key" ? name : decider);
}

/** Newest first. */
export const compareIntents = (a: Intent, b: Intent): number =>
  b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id);

export const isActing = (intent: Intent): boolean =>
  intent.kind === "repair" && ["approved", "executing", "verifying"].includes(intent.state);

/** A real proposal: a decision is wanted. */
export const isProposal = (intent: Intent): boolean =>
  intent.kind === "repair" && intent.state === "proposed" && !intent.shadow;

/** Live ones and older pages as one list, newest first; where both have an intent, the live one is newer. */
export function mergeIntents(live: readonly Intent[], older: readonly Intent[]): Intent[] {
  const known = new Set(live.map((intent) => intent.id));
  return [...live, ...older.filter((intent) => !known.has(intent.id))].sort(compareIntents);
}
