/** A YAML text as data, with the place of every key. */
import { messageOf } from "cortex";
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Document } from "yaml";
import type { ConfigProblem, KeyPath, Locate } from "./problems.ts";
import { isRecord } from "./schema-tree.ts";

/** Anything larger is no configuration, and hostile text of this size costs the parser some seconds already. */
const LARGEST_TEXT = 1024 * 1024;
const DEEPEST_NESTING = 60;
/** An alias may repeat a block; more copies than this is an expansion attack ("billion laughs"). */
const MAX_ALIASES = 100;
/** One missing bracket can make thousands of them; the first ones tell. */
const MOST_SYNTAX_ERRORS = 5;

export interface ConfigDocument {
  /** A mapping; {} when the text is empty or has problems. */
  data: Record<string, unknown>;
  problems: ConfigProblem[];
  /** The place of the deepest part of the path that is written in the file. */
  locate: Locate;
}

type Node = Document.Parsed["contents"];

/** Start of the key or item, for each step of the path that exists; the last one is nearest. */
function offsetOf(document: Document.Parsed, path: KeyPath): number {
  let node: unknown = document.contents;
  let offset = (document.contents as Node)?.range?.[0] ?? 0;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (!pair) return offset;
      offset = (isNode(pair.key) ? pair.key.range?.[0] : undefined) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === "number" && isNode(node.items[part])) {
      node = node.items[part];
      offset = (node as { range?: [number] }).range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}

/** The parser's sentence without its own account of the place and the excerpt below it. */
const firstLine = (text: string) => text.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");

function depthOf(value: unknown, depth = 0): number {
  if (depth > DEEPEST_NESTING || typeof value !== "object" || value === null) return depth;
  return Object.values(value).reduce<number>((most, item) => Math.max(most, depthOf(item, depth + 1)), depth);
}

/** Offsets of keys that stand in their mapping already. The parser's own look compares each with each: a minute for 500 kB. */
function repeatedKeys(document: Document.Parsed): number[] {
  const found: number[] = [];
  const left: unknown[] = [document.contents];
  while (left.length > 0) {
    const node = left.pop();
    if (isSeq(node)) for (const item of node.items) left.push(item);
    if (!isMap(node)) continue;
    const seen = new Set<unknown>();
    for (const { key, value } of node.items) {
      left.push(value);
      const name = isScalar(key) ? key.value : key;
      if (seen.has(name)) found.push((isNode(key) ? key.range?.[0] : undefined) ?? 0);
      seen.add(name);
    }
  }
  return found;
}

export function parseConfigText(text: string, source: string): ConfigDocument {
  const whole = (message: string): ConfigDocument => ({
    data: {},
    problems: [{ source, line: 1, column: 1, path: "", message }],
    locate: () => ({ source, line: 1, column: 1 }),
  });
  if (text.length > LARGEST_TEXT) return whole("is larger than 1 MiB, which no configuration is");

  const lines = new LineCounter();
  let document: Document.Parsed;
  let data: unknown;
  const problems: ConfigProblem[] = [];
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { source, line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      stringKeys: true,
    });
    const wrong = [
      ...[...document.errors, ...document.warnings].map(({ pos, code, message }) => ({
        offset: pos[0],
        message: yamlMessage(code, firstLine(message)),
      })),
      ...repeatedKeys(document).map((offset) => ({ offset, message: REPEATED })),
    ].toSorted((a, b) => a.offset - b.offset);
    for (const { offset, message } of wrong.slice(0, MOST_SYNTAX_ERRORS))
      problems.push({ ...at(offset), path: "", message });
    // A broken document would make the library print warnings of its own.
    data = problems.length > 0 ? {} : document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    return whole(`can't be read as YAML: ${firstLine(messageOf(error))}`);
  }
  if (depthOf(data) > DEEPEST_NESTING) return whole(`is nested deeper than ${DEEPEST_NESTING} levels`);
  const locate: Locate = (path) => at(offsetOf(document, path));
  if (data === null || data === undefined) data = {};
  if (problems.length === 0 && !isRecord(data))
    problems.push({ ...at(0), path: "", message: 'must be a mapping of keys, such as "log:"' });
  return { data: problems.length === 0 ? (data as Record<string, unknown>) : {}, problems, locate };
}

const REPEATED = "this key is already set above; keep one of the two";

function yamlMessage(code: string, message: string): string {
  if (code === "TAB_AS_INDENT") return "a tab can't indent YAML; use blanks";
  return message;
}
