/** What is wrong with a configuration, all of it at once, each with the place to mend. */
import { defineErrors } from "cortex";
import type { CortexError } from "cortex";

export type KeyPath = readonly (string | number)[];

/** Where a value was written: a file with line and column (from 1), or an environment variable. */
export interface Location {
  source: string;
  line: number | null;
  column: number | null;
}

export interface ConfigProblem extends Location {
  /** `engine.tick`, `plugins.http[0].url`; empty for the whole document. */
  path: string;
  message: string;
}

export type Locate = (path: KeyPath) => Location;

export const configErrors = defineErrors("config", {
  invalid: "invalid",
  not_found: "not_found",
  unreadable: "forbidden",
  unsafe: "forbidden",
});

export function formatPath(path: KeyPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    const key = /^[\w-]+$/.test(part) ? part : JSON.stringify(part);
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

/** `cortex.yaml:3:5 engine.tick: must be a duration …` */
export function formatProblem(problem: ConfigProblem): string {
  const place = [problem.source, problem.line, problem.column].filter((part) => part !== null).join(":");
  return `${place} ${problem.path === "" ? "" : `${problem.path}: `}${problem.message}`;
}

/** The error that carries the list; its message has one line per problem: environment, then file, from top to bottom. */
export function configInvalid(problems: readonly ConfigProblem[]): CortexError {
  const sorted = [...problems].sort(
    (a, b) =>
      (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0) || a.source.localeCompare(b.source),
  );
  return configErrors.invalid(sorted.map(formatProblem).join("\n"), { details: { problems: sorted } });
}
