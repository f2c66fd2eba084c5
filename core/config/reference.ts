/** The configuration documents itself: JSON schema for editors, Markdown for readers, an example file for a start. */
import type { PluginDefinition } from "cortex";
import { stringify } from "yaml";
import { configSchema, instanceConfig } from "./schema.ts";
import { inputSchema } from "./schema-tree.ts";
import type { SchemaNode } from "./schema-tree.ts";
import { instanceSchema } from "./show.ts";

/** JSON schema of the whole file, plugins included, for the language server of an editor. */
export function configJsonSchema(definitions: readonly PluginDefinition[]): Record<string, unknown> {
  const core = inputSchema(configSchema);
  const entries = definitions.map((definition): [string, unknown] => {
    const { $schema: _unused, ...instance } = instanceSchema(definition) as SchemaNode & { $schema?: string };
    return [
      definition.name,
      {
        description: definition.summary,
        anyOf: [instance, { type: "array", items: instance }, { type: "null" }],
      },
    ];
  });
  return {
    ...core,
    title: "Cortex configuration",
    properties: {
      ...core.properties,
      plugins: {
        type: "object",
        description: core.properties?.["plugins"]?.description,
        default: {},
        properties: Object.fromEntries(entries),
        additionalProperties: false,
      },
    },
  };
}

interface Row {
  key: string;
  node: SchemaNode;
}

/** Every key below a node, sections before what lies in them left out: only leaves carry a value. */
function leaves(node: SchemaNode, prefix = ""): Row[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const key = prefix === "" ? name : `${prefix}.${name}`;
    return child.properties === undefined
      ? [{ key, node: child }, ...itemLeaves(child, key)]
      : leaves(child, key);
  });
}

/** Keys of the mappings in a list: `policy.rules[].repair`. */
function itemLeaves(node: SchemaNode, key: string): Row[] {
  return node.items?.properties === undefined ? [] : leaves(node.items, `${key}[]`);
}

function typeName(node: SchemaNode): string {
  const values = node.enum ?? ("const" in node ? [node.const] : null);
  if (values) return values.map((value) => `\`${String(value)}\``).join(", ");
  const choices = node.anyOf ?? node.oneOf;
  if (choices) return [...new Set(choices.map(typeName))].join(" or ");
  if (node.type === "array")
    return node.items?.properties ? "list of mappings" : `list of ${typeName(node.items ?? {})}`;
  if (node.type === "object")
    return typeof node.additionalProperties === "object"
      ? `mapping to ${typeName(node.additionalProperties)}`
      : "mapping";
  return { integer: "whole number", boolean: "true or false" }[node.type ?? ""] ?? node.type ?? "any";
}

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function describe(node: SchemaNode): string {
  return node.description ?? node.anyOf?.find((choice) => choice.description)?.description ?? "";
}

function table(rows: Row[]): string {
  const lines = rows.map(({ key, node }) => {
    const fallback = node.default === undefined ? "" : `\`${JSON.stringify(node.default)}\``;
    return `| \`${key}\` | ${cell(typeName(node))} | ${cell(fallback)} | ${cell(describe(node))} |`;
  });
  return ["| key | type | default | meaning |", "|---|---|---|---|", ...lines].join("\n");
}

/** Tables of every key, as Markdown: the core's, the ones of every instance, and each plugin's. */
export function configReference(definitions: readonly PluginDefinition[]): string {
  const core = inputSchema(configSchema);
  const sections = Object.entries(core.properties ?? {}).filter(([, node]) => node.properties !== undefined);
  const single = Object.fromEntries(
    Object.entries(core.properties ?? {}).filter(([, node]) => node.properties === undefined),
  );
  const parts = [
    "# Configuration reference",
    "Generated from the schemas. Durations are texts such as `30s` or `1h30m`, sizes such as `64MiB`. An environment " +
      "variable `CORTEX_SECTION__KEY` overrides a single key; `${env:NAME}` and `${file:/path}` stand for secrets.",
    "## Top level",
    table(leaves({ properties: single })),
    ...sections.flatMap(([name, node]) => [`## ${name}`, table(leaves({ properties: { [name]: node } }))]),
    "## plugins",
    "`plugins.NAME` is one instance or a list of them. Every instance takes these keys besides its own:",
    table(leaves(inputSchema(instanceConfig))),
    ...[...definitions]
      .sort((a, b) => a.name.localeCompare(b.name))
      .flatMap((definition) => {
        const rows = leaves(inputSchema(definition.config));
        const note = definition.needsConfig ? " Runs only when it is configured." : "";
        return [
          `### ${definition.name}`,
          `${definition.summary}${note}`,
          rows.length === 0 ? "It has no keys of its own." : table(rows),
        ];
      }),
  ];
  return `${parts.join("\n\n")}\n`;
}

const indent = (depth: number) => "  ".repeat(depth);

/** `# meaning` above `#key: default`; a key without a default is shown with its type. */
function exampleLines(node: SchemaNode, depth: number): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const comment = describe(child) === "" ? [] : [`${indent(depth)}# ${describe(child)}`];
    if (child.properties !== undefined)
      return [...comment, `${indent(depth)}#${key}:`, ...exampleLines(child, depth + 1), ""];
    if (child.default === undefined)
      return [...comment, `${indent(depth)}# ${key}: (${typeName(child).replaceAll("`", "")}, not set)`];
    const value = stringify(child.default, { collectionStyle: "flow", lineWidth: 0 }).trimEnd();
    return [...comment, `${indent(depth)}#${key}: ${value}`];
  });
}

/**
 * An example file. It is valid as it stands and changes nothing: every key is a comment with its default, and removing
 * the `#` directly before a key sets it.
 */
export function exampleYaml(definitions: readonly PluginDefinition[]): string {
  const core = inputSchema(configSchema);
  const { plugins: _later, ...rest } = core.properties ?? {};
  const running = definitions.filter((definition) => !definition.needsConfig);
  const lines = [
    "# Configuration of Cortex. Every key is shown with its default; take the # away to set it.",
    "# Check the result with: cortex config check",
    "",
    ...exampleLines({ properties: rest }, 0),
    "# One entry per plugin: the options of one instance, or a list of instances with an id each.",
    "#plugins:",
    ...running
      .toSorted((a, b) => a.name.localeCompare(b.name))
      .flatMap((definition) => {
        const own = exampleLines(inputSchema(definition.config), 2);
        return [`  # ${definition.summary}`, `  #${definition.name}:`, ...own, ""];
      }),
  ];
  return `${lines
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;
}
