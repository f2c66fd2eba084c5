/** A policy as a file, and what is said of one. */
import { type ConfigProblem, formatProblem } from "../../core/config/problems.ts";
import type { BacktestResult, PolicyVersionItem } from "../../core/http/types.ts";
import { clean, paint, print, printable, table, when } from "./output.ts";

export interface PolicyFile {
  text: string;
  /** Version that it was made from, where the file says so. */
  basedOn: number | null;
}

const HEAD = /^# version (\d+)\b.*\n/;

/** On top stands what it was made from; `withoutHead` knows it by that. */
export const withHead = ({ version, author, at, note, text }: PolicyVersionItem): string =>
  `# version ${version}, by ${clean(author)}, ${when(at)}${note === "" ? "" : `: ${clean(note, 200)}`}\n${text}`;

export const inForce = ({ version, document: { rules } }: PolicyVersionItem): string =>
  `Version ${version} is in force: ${rules.length} rule${rules.length === 1 ? "" : "s"}.`;

export function withoutHead(text: string): PolicyFile {
  const head = HEAD.exec(text);
  return head === null
    ? { text, basedOn: null }
    : { text: text.slice(head[0].length), basedOn: Number(head[1]) };
}

/** On standard error: what is printed otherwise stays as it is. */
export function warnOf(warnings: readonly ConfigProblem[]): void {
  for (const one of warnings)
    process.stderr.write(`${printable(paint(`warning: ${formatProblem(one)}`, "yellow"))}\n`);
}

const WORDS = {
  rejected: "would have been allowed, and a person rejected it",
  failed: "would have been allowed, and it failed or was taken back",
  stopped: "would have been denied, and it was approved and held",
} as const;

export function printBacktest(
  { summary, changed, cases }: BacktestResult,
  say: (text: string) => void = print,
): void {
  if (summary.cases === 0) return say("No decision was made in that time: there is nothing to compare with.");
  const { allow, judge, human, deny } = summary.would;
  say(
    `${summary.cases} decision${summary.cases === 1 ? "" : "s"}: would allow ${allow}, ask a judge ${judge}, ask people ${human}, deny ${deny}.`,
  );
  say(`The policy in force would decide ${changed} of them in another way.`);
  say(`People would have been asked ${summary.spared} fewer time${summary.spared === 1 ? "" : "s"}.`);
  const found = cases.filter(({ finding }) => finding !== null);
  if (found.length > 0)
    say(
      table(
        ["DECISION", "WHEN", "NODE", "REPAIR", "RULE", "FINDING"],
        found.map((one) => [
          one.id.slice(-8),
          when(one.at),
          clean(one.nodeName, 24),
          clean(one.repair, 30),
          one.rule ?? "gate",
          WORDS[one.finding!],
        ]),
      ),
    );
  say(
    summary.ok
      ? paint("Nothing that was rejected or went wrong would have been allowed.", "green")
      : paint("This policy would have allowed what went wrong.", "red"),
  );
}
