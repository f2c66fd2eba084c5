/**
 * A refused input in the words of whoever sent it: which field, and what is allowed there. Nothing of the input itself comes back:
 * fields are named only where the schema names them.
 */
import type { CortexError } from "cortex";
import type * as z from "zod";
import { inputSchema, nodesAt, type SchemaNode } from "../../config/schema-tree.ts";
import { httpErrors } from "../errors.ts";

type Where = "path" | "query" | "body";
type Issue = z.core.$ZodIssue;

const WHOLE: Record<Where, string> = {
  path: "the path",
  query: "the address",
  body: "the body of the request",
};
const FIELD: Record<Where, string> = { path: "part", query: "parameter", body: "field" };
/** More names than this help nobody. */
const MOST_NAMES = 30;

/** The first problem is said; errors: `http.body_invalid`. */
export function invalidInput(
  where: Where,
  schema: z.ZodType,
  error: z.ZodError,
  input: unknown,
): CortexError {
  const [issue] = error.issues;
  if (issue === undefined) return httpErrors.body_invalid(`${WHOLE[where]}: does not fit`);
  const root = inputSchema(schema);
  const path = issue.path.filter((part) => typeof part !== "symbol");
  const nodes = nodesAt(root, path);
  const place = placeOf(root, path) || WHOLE[where];
  return httpErrors.body_invalid(`${place}: ${saying(issue, nodes, valueAt(input, path), where)}`);
}

/** `grants, entry 1, scope`; it ends before the first name that the sender made up. */
function placeOf(root: SchemaNode, path: readonly (string | number)[]): string {
  const words: string[] = [];
  for (const [depth, part] of path.entries()) {
    const parents = nodesAt(root, path.slice(0, depth));
    // What may be given as one text with commas has no entries that its sender counts.
    if (typeof part === "number" && parents.every(({ type }) => type !== "string"))
      words.push(`entry ${part + 1}`);
    else if (typeof part === "number") continue;
    else if (parents.some((node) => Object.hasOwn(node.properties ?? {}, part))) words.push(part);
    else break;
  }
  return words.join(", ");
}

function saying(issue: Issue, nodes: readonly SchemaNode[], value: unknown, where: Where): string {
  if (value === undefined && issue.code === "invalid_type") return "is missing";
  switch (issue.code) {
    case "unrecognized_keys":
      return `has an unknown ${FIELD[where]}; there are ${namesOf(nodes)}`;
    case "invalid_value":
      return `must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.map(String).join(", ")}`;
    case "too_small":
    case "too_big":
      return sizeOf(issue) ?? allowed(nodes);
    case "invalid_format":
      if (issue.format === "uuid") return "is no id; see the list for those that are";
      return issue.message.startsWith("Invalid ") ? allowed(nodes) : issue.message;
    case "invalid_type":
    case "invalid_union":
      return allowed(nodes);
    default:
      return issue.message;
  }
}

function sizeOf(issue: Issue & { code: "too_small" | "too_big" }): string | null {
  const isList = issue.origin === "array" || issue.origin === "set";
  if (!isList && issue.origin !== "string") return null;
  if (issue.code === "too_small" && Number(issue.minimum) === 1) return "must not be empty";
  const [bound, most] = issue.code === "too_small" ? ["least", issue.minimum] : ["most", issue.maximum];
  return isList ? `must have at ${bound} ${most} entries` : `must be at ${bound} ${most} characters long`;
}

/** "must be a whole number from 1 to 500"; of several forms each one that can be said. */
function allowed(nodes: readonly SchemaNode[]): string {
  const forms = [...new Set(nodes.flatMap((node) => formOf(node) ?? []))];
  if (forms.length > 0) return `must be ${forms.join(" or ")}`;
  const description = nodes.find((node) => node.description !== undefined)?.description;
  return description === undefined
    ? "does not fit"
    : `has another form than it must have: ${description.charAt(0).toLowerCase()}${description.slice(1)}`;
}

const EXAMPLE: Record<string, string> = {
  "date-time": "a time such as 2026-01-31T18:00:00Z",
  uri: "an address such as https://cortex.example:7600",
};

function formOf(node: SchemaNode): string | null {
  if (node.const !== undefined) return String(node.const);
  if (node.enum !== undefined) return `one of ${node.enum.map(String).join(", ")}`;
  switch (node.type) {
    case "integer":
    case "number":
      return numberOf(node);
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    case "object":
      return node.properties === undefined ? "an object" : `an object with ${namesOf([node])}`;
    case "string":
      return EXAMPLE[node.format ?? ""] ?? (node.pattern === undefined ? "text" : null);
    default:
      return null;
  }
}

function numberOf({ type, minimum, maximum }: SchemaNode): string {
  // What every whole number keeps to is no limit of this one.
  const least = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? null : minimum;
  const most = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? null : maximum;
  const kind = type === "integer" ? "a whole number" : "a number";
  if (least !== null && most !== null) return `${kind} from ${least} to ${most}`;
  if (least !== null) return `${kind} of at least ${least}`;
  return most === null ? kind : `${kind} of at most ${most}`;
}

function namesOf(nodes: readonly SchemaNode[]): string {
  const names = [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
  const more = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

const valueAt = (root: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (value, part) => (typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined),
    root,
  );
