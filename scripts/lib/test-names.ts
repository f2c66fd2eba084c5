/** The names of all tests, read from the sources: documents that say "this is proven" are held to them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rootDir, sourceFiles } from "./tree.ts";

export interface NamedTest {
  /** Relative to the root of the tree. */
  file: string;
  name: string;
  /** Threats it proves something about: the ids its name begins with, or a scenario's `threats`. */
  threats: string[];
}

const FOLDERS = ["agent", "core", "plugins", "scripts", "ui"];
const CALL = /\b(?:test|describe)(?:\.\w+\([^\n]*?\))?\(\s*(?:"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;
/** A scenario's own name stands before how it is run; other names in the file are those of nodes, people and keys. */
const SCENARIO = /\bname:\s*"([a-z0-9-]+)",\s*(?:quick|timeoutMs|threats|run|async run)\b/g;
const THREATS = /\bthreats:\s*\[([^\]]*)\]/;
const LEADING_IDS = /^((?:T\d{2,3}[\s,/+–-]*(?:and\s+)?)+)/;

/** Every test of `tree`, in order of its files; acceptance scenarios count by their name. */
export function namedTests(tree = rootDir): NamedTest[] {
  const tests = sourceFiles(FOLDERS, "**/*.test.{ts,tsx}", tree).flatMap((file) =>
    testsIn(file, readFileSync(join(tree, file), "utf8")),
  );
  const scenarios = sourceFiles(["scripts/accept"], "*/*.ts", tree)
    .filter((file) => !file.startsWith("scripts/accept/lib/"))
    .flatMap((file) => scenariosIn(file, readFileSync(join(tree, file), "utf8")));
  return [...tests, ...scenarios];
}

export function testsIn(file: string, source: string): NamedTest[] {
  return [...source.matchAll(CALL)].map((match) => {
    const name = (match[1] ?? match[2] ?? "").replaceAll(/\\(.)/g, "$1");
    return { file, name, threats: idsOf(LEADING_IDS.exec(name)?.[1] ?? "") };
  });
}

export function scenariosIn(file: string, source: string): NamedTest[] {
  const found = [...source.matchAll(SCENARIO)];
  return found.map((match, index) => {
    const own = source.slice(match.index, found[index + 1]?.index);
    return { file, name: match[1]!, threats: idsOf(THREATS.exec(own)?.[1] ?? "") };
  });
}

const idsOf = (text: string): string[] => text.match(/T\d{2,3}/g) ?? [];
