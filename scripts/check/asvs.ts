/**
 * `docs/security/asvs.csv` is true: every requirement of levels 1 and 2 has one row, and a row that says "test" names one
 * that exists. Requirements are named by their number alone; the standard itself is OWASP's.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../lib/say.ts";
import { namedTests } from "../lib/test-names.ts";
import { rootDir } from "../lib/tree.ts";

const FILE = "docs/security/asvs.csv";
const HEAD = "id,level,verdict,evidence";

/** Requirements of levels 1 and 2 by chapter of ASVS 5.0.0. */
const CHAPTERS: Record<string, number> = {
  V1: 27,
  V2: 11,
  V3: 19,
  V4: 10,
  V5: 9,
  V6: 35,
  V7: 18,
  V8: 7,
  V9: 7,
  V10: 29,
  V11: 14,
  V12: 9,
  V13: 13,
  V14: 9,
  V15: 13,
  V16: 16,
  V17: 7,
};
const LEAST_TESTS = 150;

/** Why a requirement has no test: a closed set, so that nobody invents excuses. */
const REASONS = {
  "feature-absent": "Cortex has nothing that the requirement is about; the evidence says what.",
  documented: "It asks for documentation; the evidence is the file.",
  gate: "Held on the sources by a gate of `bun run check`; the evidence names it.",
  runtime: "Held by the runtime, the browser or the database, whose version is pinned.",
  operator: "In the hands of who runs Cortex; the guide says how.",
  partly: "Held in part; the evidence says what is missing.",
} as const;

interface Row {
  line: number;
  id: string;
  level: string;
  verdict: string;
  evidence: string;
}

/** What is wrong with the text of the table, a line each; empty when it is true. */
export function problemsOf(csv: string): string[] {
  const [head, ...lines] = csv.trimEnd().split("\n");
  if (head !== HEAD) return [`${FILE}: the first line must be ${HEAD}`];
  const rows = lines.map((line, index): Row => {
    const [id = "", level = "", verdict = "", ...rest] = line.split(",");
    return { line: index + 2, id, level, verdict, evidence: unquoted(rest.join(",")) };
  });
  const tests = new Set(namedTests().map(({ file, name }) => `${file} > ${name}`));
  return [
    ...rows.flatMap((row) => problemsOfRow(row, tests)),
    ...problemsOfCounts(rows),
    ...twice(rows.map(({ id }) => id)).map((id) => `${FILE}: ${id} has two rows`),
  ];
}

function problemsOfRow({ line, id, level, verdict, evidence }: Row, tests: ReadonlySet<string>): string[] {
  const at = `${FILE}:${line}`;
  if (!/^V\d+\.\d+\.\d+$/.test(id)) return [`${at}: ${JSON.stringify(id)} is no requirement`];
  if (level !== "1" && level !== "2") return [`${at}: the level is 1 or 2`];
  if (verdict !== "test" && !Object.hasOwn(REASONS, verdict))
    return [`${at}: the verdict is test or one of ${Object.keys(REASONS).join(", ")}`];
  if (evidence.trim() === "") return [`${at}: ${id} says nothing`];
  if (verdict === "test" && !tests.has(evidence))
    return [`${at}: there is no test ${JSON.stringify(evidence)}`];
  const file = evidence.split(" ")[0]!;
  if (verdict === "documented" && !existsSync(join(rootDir, file)))
    return [`${at}: there is no file ${file}`];
  return [];
}

function problemsOfCounts(rows: readonly Row[]): string[] {
  const chapters = Map.groupBy(rows, ({ id }) => id.split(".")[0]!);
  const wrong = Object.entries(CHAPTERS).flatMap(([chapter, count]) => {
    const found = chapters.get(chapter)?.length ?? 0;
    return found === count ? [] : [`${FILE}: ${chapter} has ${found} rows, ${count} requirements`];
  });
  const proven = rows.filter(({ verdict }) => verdict === "test").length;
  return proven >= LEAST_TESTS
    ? wrong
    : [...wrong, `${FILE}: ${proven} rows name a test, at least ${LEAST_TESTS} must`];
}

const twice = (ids: readonly string[]) => [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];

const unquoted = (cell: string): string =>
  cell.startsWith('"') && cell.endsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;

if (import.meta.main) {
  const problems = problemsOf(readFileSync(join(rootDir, FILE), "utf8"));
  if (problems.length > 0) fail(problems.slice(0, 30).join("\ncortex: "));
}
