/** The shape of a zod schema as data (JSON Schema, input side): for suggestions, defaults, reference and example. */
import * as z from "zod";
import type { KeyPath } from "./problems.ts";

export interface SchemaNode {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, SchemaNode>;
  required?: string[];
  items?: SchemaNode;
  additionalProperties?: SchemaNode | boolean;
  anyOf?: SchemaNode[];
  oneOf?: SchemaNode[];
  allOf?: SchemaNode[];
  minimum?: number;
  maximum?: number;
  format?: string;
  pattern?: string;
}

/** What a user may write, before defaults and transforms. Anything JSON Schema can't say (a function) is "anything". */
export function inputSchema(schema: z.ZodType): SchemaNode {
  const known = converted.get(schema);
  if (known) return known;
  const node = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as SchemaNode;
  converted.set(schema, node);
  return node;
}

/** Converting takes milliseconds, and every reload asks again. */
const converted = new WeakMap<z.ZodType, SchemaNode>();

const alternatives = (node: SchemaNode): SchemaNode[] => [
  node,
  ...[...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])].flatMap(alternatives),
];

/** All nodes that may describe the value at a path: more than one below a union, none below "anything". */
export function nodesAt(root: SchemaNode, path: KeyPath): SchemaNode[] {
  return path.reduce<SchemaNode[]>(
    (nodes, part) =>
      nodes.flatMap((node) => {
        const inner: (SchemaNode | boolean | undefined)[] =
          typeof part === "number" ? [node.items] : [node.properties?.[part] ?? node.additionalProperties];
        return inner.filter((child) => typeof child === "object").flatMap(alternatives);
      }),
    alternatives(root),
  );
}

/** Names of the keys allowed at a path. */
export function keysAt(root: SchemaNode, path: KeyPath): string[] {
  return [...new Set(nodesAt(root, path).flatMap((node) => Object.keys(node.properties ?? {})))];
}

/** JSON types that a value at a path may have; empty means any. */
export function typesAt(root: SchemaNode, path: KeyPath): Set<string> {
  const nodes = nodesAt(root, path);
  return new Set(
    nodes.flatMap((node) => {
      if (node.type !== undefined) return [node.type];
      return [...(node.enum ?? []), ...("const" in node ? [node.const] : [])].map((value) => typeof value);
    }),
  );
}

/** `value` with every absent key that has a default, in the form in which a user would write it. */
export function fillDefaults(node: SchemaNode, value: unknown): unknown {
  const given = value === undefined ? structuredClone(node.default) : value;
  if (node.properties !== undefined && isRecord(given)) {
    const known = Object.entries(node.properties).map(([key, child]) => [
      key,
      fillDefaults(child, given[key]),
    ]);
    const filled = Object.fromEntries(known.filter(([, inner]) => inner !== undefined));
    return { ...filled, ...Object.fromEntries(Object.entries(given).filter(([key]) => !(key in filled))) };
  }
  if (node.items !== undefined && Array.isArray(given))
    return given.map((item) => fillDefaults(node.items!, item));
  if (typeof node.additionalProperties === "object" && isRecord(given)) {
    const inner = node.additionalProperties;
    return Object.fromEntries(Object.entries(given).map(([key, item]) => [key, fillDefaults(inner, item)]));
  }
  return given;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
