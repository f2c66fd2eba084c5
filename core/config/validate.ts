/** A schema's complaints as sentences for the person who wrote the file. */
import { messageOf as describeError } from "cortex";
import type * as z from "zod";
import type { ConfigProblem, KeyPath, Locate } from "./problems.ts";
import { formatPath } from "./problems.ts";
import { inputSchema, keysAt } from "./schema-tree.ts";
import type { SchemaNode } from "./schema-tree.ts";
import { unknownName } from "./suggest.ts";

type Issue = z.core.$ZodIssue;

const WORDS: Record<string, string> = {
  record: "mapping",
  object: "mapping",
  array: "list",
  int: "whole number",
};
const word = (type: string) => WORDS[type] ?? type;

/** What must stand there: "a list", "text". */
function wanted(type: string): string {
  if (type === "string") return "text";
  return type === "boolean" ? "true or false" : `a ${word(type)}`;
}

/** What stands there instead, by its kind: the value itself may be a secret. */
const given = (value: unknown): string =>
  value === undefined || value === null ? "nothing" : wanted(Array.isArray(value) ? "array" : typeof value);

/** One sentence for "none of several forms": the types when it is about those, else the form that came nearest. */
function unionMessage(issue: Issue & { code: "invalid_union" }, value: unknown): Issue[] | string {
  const branches = issue.errors.filter((branch) => branch.length > 0);
  const wrongType = branches.flatMap((branch) =>
    branch.filter((inner) => inner.code === "invalid_type" && inner.path.length === 0),
  );
  if (wrongType.length === branches.length) {
    const expected = [...new Set(wrongType.map((inner) => wanted((inner as { expected: string }).expected)))];
    return `must be ${expected.join(" or ")}, not ${given(value)}`;
  }
  const depth = (branch: Issue[]) => Math.max(...branch.map((inner) => inner.path.length));
  const fitting = branches.filter((branch) =>
    branch.every((inner) => inner.code !== "invalid_type" || inner.path.length > 0),
  );
  return (fitting.length > 0 ? fitting : branches).reduce((best, branch) =>
    depth(branch) > depth(best) ? branch : best,
  );
}

function messageOf(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      if (value === undefined) return "is required";
      // The schema's own words say more than its type.
      if (!issue.message.startsWith("Invalid input"))
        return `${sentence(issue.message)}, not ${given(value)}`;
      // It is a number, but not a whole one.
      if (issue.expected === "int" && typeof value === "number") return "must be a whole number";
      return `must be ${wanted(issue.expected)}, not ${given(value)}`;
    case "invalid_value":
      return `must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.map(String).join(", ")}`;
    case "too_small":
      if (issue.minimum === 1 && unitOf(issue.origin) !== "") return "must not be empty";
      return `must be at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
    case "invalid_format":
      return issue.message.startsWith("Invalid ") && issue.pattern
        ? `must match ${issue.pattern}`
        : sentence(issue.message.replace(/^Invalid string: /, ""));
    default:
      return sentence(issue.message);
  }
}

const unitOf = (origin: string) =>
  origin === "string" ? " characters long" : origin === "array" ? " items long" : "";
const sentence = (message: string) => message.charAt(0).toLowerCase() + message.slice(1);

function valueAt(root: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined),
    root,
  );
}

interface Context {
  data: unknown;
  /** Where `data` hangs in the whole configuration. */
  base: KeyPath;
  locate: Locate;
  keys: (path: KeyPath) => string[];
}

function problemsOf(issue: Issue, context: Context, prefix: KeyPath = []): ConfigProblem[] {
  const path = [...prefix, ...issue.path.map((part) => (typeof part === "symbol" ? String(part) : part))];
  const problem = (at: KeyPath, message: string): ConfigProblem => {
    const full = [...context.base, ...at];
    return { ...context.locate(full), path: formatPath(full), message };
  };
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => problem([...path, key], unknownName("key", key, context.keys(path))));
  if (issue.code === "invalid_union") {
    const inner = unionMessage(issue, valueAt(context.data, path));
    if (typeof inner === "string") return [problem(path, inner)];
    return inner.flatMap((one) => problemsOf(one, context, path));
  }
  if (issue.code === "invalid_key" || issue.code === "invalid_element")
    return issue.issues.flatMap((one) => problemsOf(one, context, path));
  return [problem(path, messageOf(issue, valueAt(context.data, path)))];
}

/**
 * A plugin's own refinement may throw on values that an earlier rule has refused already. Without `jitless` zod writes and
 * compiles a function for each object, which pays for what is parsed a thousand times; a configuration is parsed once.
 */
function parseSafely<T>(schema: z.ZodType<T>, data: unknown): z.ZodSafeParseResult<T> | string {
  try {
    return schema.safeParse(data, { jitless: true });
  } catch (error) {
    return `can't be checked: ${describeError(error)}`;
  }
}

/**
 * Parse `data` and say everything that is wrong with it. `extraKeys` are allowed at the top besides the schema's own,
 * for suggestions.
 */
export function validate<T>(
  schema: z.ZodType<T>,
  data: unknown,
  where: { base: KeyPath; locate: Locate; extraKeys?: readonly string[] },
): { value: T; problems: [] } | { value: null; problems: ConfigProblem[] } {
  const parsed = parseSafely(schema, data);
  if (typeof parsed === "string")
    return {
      value: null,
      problems: [{ ...where.locate(where.base), path: formatPath(where.base), message: parsed }],
    };
  if (parsed.success) return { value: parsed.data, problems: [] };
  let tree: SchemaNode | null = null;
  const keys = (path: KeyPath) => [
    ...keysAt((tree ??= inputSchema(schema)), path),
    ...(path.length === 0 ? (where.extraKeys ?? []) : []),
  ];
  const context = { data, base: where.base, locate: where.locate, keys };
  return { value: null, problems: parsed.error.issues.flatMap((issue) => problemsOf(issue, context)) };
}
