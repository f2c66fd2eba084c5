/** What a program says to bad input, in a form that is the same on every machine, for comparison with a golden file. */
import type { Answer } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Ran } from "../lib/run.ts";

export interface Transcript {
  /** A command that was refused. */
  refused(what: string, ran: Ran): void;
  /** An answer of the API that was a refusal. */
  answered(what: string, answer: Pick<Answer, "status" | "json" | "text">): void;
  /** Anything else that is told to people. */
  told(what: string, text: string): void;
  text(): string;
  count(): number;
}

export function createTranscript(folder: string): Transcript {
  const sections: string[] = [];
  const add = (what: string, lines: string[]) => {
    const text = lines.map((line) => normalised(line, folder)).join("\n");
    sections.push(`## ${what}\n${text}\n`);
  };
  return {
    refused(what, { code, stdout, stderr }) {
      ensure(code !== 0, `${what}: it went well`);
      ensureEqual(stdout, "", `${what}: standard output`);
      const lines = stderr.trimEnd().split("\n");
      for (const line of lines)
        ensure(line.startsWith("cortex: "), `${what}: a line that is no message: ${line}`);
      ensureReadable(what, stderr);
      ensure(!stderr.includes("internal error"), `${what}: ${stderr.trim()}`);
      add(what, [`exit ${code}`, ...lines]);
    },
    answered(what, { status, json, text }) {
      ensure(status >= 400, `${what}: it went well (${status})`);
      const { code, message, id } = (json as { error?: Record<string, string> } | null)?.error ?? {};
      ensure(code && message && id, `${what}: ${status} without code, message and id: ${text.slice(0, 200)}`);
      ensureReadable(what, message);
      add(what, [`${status} ${code}`, message]);
    },
    told(what, text) {
      ensureReadable(what, text);
      add(what, [text]);
    },
    text: () => sections.join("\n"),
    count: () => sections.length,
  };
}

/** People are not shown a trace, a class name or a value that nobody formatted. */
function ensureReadable(what: string, text: string): void {
  const strange = /\n\s+at |\[object |undefined|NaN|\bTypeError|\bSQLITE_[A-Z]+:/.exec(text);
  ensure(strange === null, `${what}: "${strange?.[0]}" in: ${text.trim().slice(0, 300)}`);
}

const normalised = (text: string, folder: string): string =>
  text
    .replaceAll(folder, "<folder>")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:<port>")
    .replaceAll(/process \d+/g, "process <pid>")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<id>")
    .replaceAll(/n_[a-z2-7]{26}/g, "<node>")
    // What grows with the program is no change of what is told.
    .replaceAll(/knows up to \d+/g, "knows up to <number>")
    .replaceAll(/(?<=there are: |known: )[\w, -]+/g, "<names>");
