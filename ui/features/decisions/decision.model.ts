/** What a decision means to people: how urgent, how risky, who said what, and what may be done about it. */
import type { IconName } from "../../kit/icon.tsx";
import type { Look, Tone } from "../../kit/tone.tsx";
import type { Decision } from "../../data/types.ts";
import type { Texts } from "./texts.ts";

const RISK: Record<Decision["risk"], { tone: Tone; icon: IconName }> = {
  low: { tone: "idle", icon: "shield" },
  medium: { tone: "warn", icon: "problem" },
  high: { tone: "bad", icon: "critical" },
};
const STATE: Record<Decision["state"], { tone: Tone; icon: IconName }> = {
  pending: { tone: "warn", icon: "question" },
  approved: { tone: "ok", icon: "check-circle" },
  rejected: { tone: "idle", icon: "ban" },
  expired: { tone: "idle", icon: "clock" },
};

export const riskLook = ({ risk }: Decision, t: Texts): Look => ({
  ...RISK[risk],
  word: t.decision.risk[risk],
});
export const stateLook = ({ state }: Decision, t: Texts): Look => ({
  ...STATE[state],
  word: t.decision.states[state],
});

/** Waiting ones by what lapses first; among equals the riskier one. */
export function comparePending(a: Decision, b: Decision): number {
  return a.expiresAt.localeCompare(b.expiresAt) || rank(b) - rank(a) || a.id.localeCompare(b.id);
}
const rank = ({ risk }: Decision): number => ["low", "medium", "high"].indexOf(risk);

/** Answered ones, the newest first. */
export const compareAnswered = (a: Decision, b: Decision): number =>
  (b.decidedAt ?? "").localeCompare(a.decidedAt ?? "") || a.id.localeCompare(b.id);

/** One line: what would be done. */
export const sentence = ({ plan, repair }: Decision): string => plan?.summary ?? repair;

type Events = NonNullable<Decision["problem"]>["events"];

const NEWEST = 4;
/** As checks of declared services say it; it stands in what opened the problem. */
const LOG_LINE = /(?: · )?last line of its log: (.*)$/s;

/** What the program wrote last before it ended; null where nobody knows. */
export const lastLogLine = (events: Events): string | null => events.at(0)?.text.match(LOG_LINE)?.[1] ?? null;

/** The end of its history, the newest first; the line of the log is told by itself. */
export const newestEvents = (events: Events): Events =>
  events
    .map((event, place) => (place === 0 ? { ...event, text: event.text.replace(LOG_LINE, "") } : event))
    .slice(-NEWEST)
    .reverse();

/** Where: node and target. */
export const whereOf = ({ nodeName, intent }: Decision): string[] =>
  intent?.target == null ? [nodeName] : [nodeName, intent.target];

/** Host level, data, or more than one person: the server asks who it is, and the node's name is typed. */
export const isGrave = (decision: Decision): boolean =>
  decision.class === "R3" || decision.class === "R4" || decision.peopleNeeded > 1;

/** Approved by everybody it takes; it runs in a moment unless somebody stops it. */
export const isCooling = ({ state, coolingUntil }: Pick<Decision, "state" | "coolingUntil">): boolean =>
  state === "pending" && coolingUntil !== null;

/** The decision to look at after this one was answered: the next in the list, else the one before. */
export function nextAfter(ids: readonly string[], id: string): string | undefined {
  const at = ids.indexOf(id);
  return at === -1 ? ids[0] : (ids[at + 1] ?? ids[at - 1]);
}

/** This person has given one of the approvals that it takes. */
export const hasApproved = ({ voices }: Decision, name: string): boolean =>
  voices.some(({ by, verdict }) => verdict === "allow" && by === `user:${name}`);

/** Whose word ended it, and with what. */
export function lastVoice(decision: Decision, t: Texts): { who: string; word: string } {
  const by = decision.voices.at(-1)?.by ?? "";
  return {
    who: by === "local" ? t.decision.onHost : by.replace(/^(user|key):/, ""),
    word: t.decision.states[decision.state],
  };
}

export interface Voice {
  who: string;
  look: Look;
  text: string;
  detail: string;
  at: string;
  opinion: Decision["voices"][number]["opinion"];
}

const VERDICT: Record<Decision["voices"][number]["verdict"], { tone: Tone; icon: IconName }> = {
  allow: { tone: "ok", icon: "check" },
  human: { tone: "warn", icon: "person" },
  deny: { tone: "bad", icon: "ban" },
};

/** `user:anna` is anna, `rule:web` the rule web; the gate and time are what they are. */
export function voicesOf({ voices }: Decision, t: Texts): Voice[] {
  return voices.map(({ by, layer, verdict, reason, text, detail, at, opinion }) => {
    const [kind, name] = [by.slice(0, by.indexOf(":")), by.slice(by.indexOf(":") + 1)];
    const who = by.includes(":")
      ? kind === "user" || kind === "key"
        ? name
        : `${t.decision.speakers[kind] ?? kind} ${name}`
      : by;
    const source = t.decision.layers[layer];
    return {
      // The policy that names itself, or a rule, is said once.
      who: who === layer ? source : `${source} · ${t.decision.speakers[who] ?? who}`,
      look: { ...VERDICT[verdict], word: t.decision.verdicts[verdict] },
      text: t.reasons[reason] ?? text,
      // Often the gate and the rules only name themselves.
      detail: detail === who ? "" : detail,
      at,
      opinion,
    };
  });
}

/** US dollars, with as many digits as it takes to see something. */
export const formatCost = (usd: number): string =>
  usd === 0 ? "$0" : usd < 0.01 ? `$${usd.toPrecision(2)}` : `$${usd.toFixed(2)}`;
