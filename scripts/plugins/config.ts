import type { PluginDefinition } from "cortex";
import { clashingKeys } from "../../core/config/plugins.ts";
import { inputSchema, type SchemaNode } from "../../core/config/schema-tree.ts";

/** Complaints about a plugin's configuration schema. */
export function configProblems(folder: string, definition: PluginDefinition): string[] {
  const bare = undescribed(inputSchema(definition.config), "");
  return [
    ...bare.map((path) => `config field ${path} has no description (.describe)`),
    ...clashingKeys(definition).map((key) => `config field ${key} is one that the host takes for itself`),
  ].map((problem) => `plugins/${folder}: ${problem}`);
}

function undescribed(node: SchemaNode, path: string): string[] {
  const fields = Object.entries(node.properties ?? {}).flatMap(([key, field]) => {
    const here = path === "" ? key : `${path}.${key}`;
    return [...(isDescribed(field) ? [] : [here]), ...undescribed(field, here)];
  });
  const inner = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])];
  const elements = [node.items, node.additionalProperties].filter((child) => typeof child === "object");
  return [
    ...fields,
    ...inner.flatMap((child) => undescribed(child, path)),
    ...elements.flatMap((child) => undescribed(child, `${path}[]`)),
  ];
}

/** `.nullable()` after `.describe()` moves the text into an alternative. */
const isDescribed = (node: SchemaNode): boolean =>
  Boolean(node.description) ||
  [...(node.anyOf ?? []), ...(node.allOf ?? [])].some((one) => Boolean(one.description));
