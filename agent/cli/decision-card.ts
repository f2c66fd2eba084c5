/** One decision as text: everything one needs to say yes or no, in the order in which it is read. */
import { formatDuration } from "cortex";
import type { DecisionItem } from "../../core/monitor/items.ts";
import { clean, state, when } from "./output.ts";

type Voice = DecisionItem["voices"][number];

/** Time that is left, or when it ended. */
export const ends = ({ state: now, expiresAt, decidedAt }: DecisionItem): string =>
  now === "pending"
    ? `in ${formatDuration(Math.max(0, Date.parse(expiresAt) - Date.now()))}`
    : when(decidedAt ?? expiresAt);

export const lastWord = ({ voices, judging }: DecisionItem): string => {
  const last = voices.at(-1);
  if (judging) return "a judge is being asked";
  return last === undefined ? "" : said(last);
};

const said = ({ text, detail }: Voice): string => `${text}${detail === "" ? "" : ` (${detail})`}`;

export function decisionCard(one: DecisionItem, similar: DecisionItem[]): string {
  const { plan, problem, intent } = one;
  return [
    `${state(one.state)} ${one.repair} on ${clean(one.nodeName)} · risk ${one.risk} · class ${one.class}`,
    `id ${one.id} · asked ${when(one.createdAt)} · ${one.state === "pending" ? "expires" : one.state} ${ends(one)}`,
    ...(one.peopleNeeded > 1
      ? [`${one.approvals} of ${one.peopleNeeded} approvals, of different people`]
      : []),
    ...(one.delivery === null ? [] : [`node: ${clean(one.delivery.text, 200)}`]),
    ...(problem === null ? [] : ["", "problem", `  ${clean(problem.summary, 200)}`]),
    "",
    `plan: ${clean(plan?.summary ?? "none", 200)}`,
    ...(plan?.changes ?? []).map(
      ({ what, from, to }) => `  ${clean(what, 80)}: ${clean(from ?? "–", 60)} → ${clean(to ?? "–", 60)}`,
    ),
    ...(intent?.hash == null ? [] : [`  an approval is bound to ${intent.hash.slice(0, 16)}…`]),
    "",
    ...reachOf(one),
    "",
    "said",
    ...one.voices.flatMap(voiceLines),
    ...(one.judging ? ["  a judge is being asked"] : []),
    ...(similar.length === 0
      ? []
      : [
          "",
          "the same repair before",
          ...similar.map((past) => `  ${when(past.createdAt)}  ${past.state}  ${clean(lastWord(past), 100)}`),
        ]),
    ...(one.state === "pending" ? ["", nextStep(one)] : []),
  ].join("\n");
}

/** What is said of an undo, here and in the list of repairs. */
export const UNDO: Record<DecisionItem["blastRadius"]["undo"], string> = {
  taken_back: "taken back when it does not hold",
  nothing: "nothing to undo, it removes nothing",
  spared: "can't be undone, removes only caches, logs or temporary files",
  none: "can't be undone",
};

function reachOf({ blastRadius: reach }: DecisionItem): string[] {
  const group =
    reach.group === null
      ? ""
      : `, group ${clean(reach.group.name)} with ${reach.group.healthy} of ${reach.group.size} healthy`;
  const interrupts = reach.interrupts ? "interrupts its users for a moment" : "interrupts nothing";
  return [
    `blast radius: ${reach.nodes.length} node${reach.nodes.length === 1 ? "" : "s"}${group}; ${interrupts}; ${UNDO[reach.undo]}`,
    ...(reach.dependents.length === 0 ? [] : [`  stands on it: ${clean(reach.dependents.join(", "), 200)}`]),
  ];
}

function voiceLines(voice: Voice): string[] {
  const line = `  ${when(voice.at)}  ${voice.verdict.padEnd(5)}  ${clean(voice.by, 40)}: ${clean(said(voice), 220)}`;
  const { opinion } = voice;
  if (opinion === undefined) return [line];
  const sure = opinion.confidence === null ? "" : `, ${Math.round(opinion.confidence * 100)}% sure`;
  return [
    line,
    `      ${clean(opinion.model, 60)}, $${opinion.costUsd.toFixed(4)}${sure}: “${clean(opinion.text, 300)}”`,
  ];
}

/** What takes a person is not answered by a key or on the socket. */
function nextStep(one: DecisionItem): string {
  const id = one.id.slice(-8);
  const reject = `cortex decisions reject ${id} --reason TEXT`;
  const isForPeople = one.class === "R3" || one.class === "R4" || one.peopleNeeded > 1;
  return isForPeople
    ? `approve it on the dashboard, logged in, under /decisions/${one.id}   or   ${reject}`
    : `cortex decisions approve ${id}   or   ${reject}`;
}
