import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ArgDef, ArgsDef, CommandDef, SubCommandsDef } from "citty";
import { rootDir } from "../lib/tree.ts";
import type { GeneratedFile } from "./files.ts";
import { code, GENERATED, table } from "./markdown.ts";

const SOURCE = "agent/cli/main.ts";

/** docs/reference/cli.md from the commands themselves. */
export async function generateCliReference(tree = rootDir): Promise<GeneratedFile[]> {
  const source = join(tree, SOURCE);
  if (!existsSync(source)) return [];
  const { mainCommand } = (await import(source)) as { mainCommand?: CommandDef };
  if (!mainCommand) throw new Error(`${SOURCE} must export mainCommand for the reference`);
  const parts = [GENERATED, "# Command line", ...(await sections(mainCommand, "cortex"))];
  return [{ path: "docs/reference/cli.md", content: `${parts.join("\n\n")}\n` }];
}

async function sections(command: CommandDef, path: string): Promise<string[]> {
  const meta = await resolve(command.meta);
  const args = Object.entries((await resolve(command.args)) ?? ({} as ArgsDef));
  const children = Object.entries((await resolve(command.subCommands)) ?? ({} as SubCommandsDef));
  const positional = args
    .filter(([, arg]) => arg.type === "positional")
    .map(([name]) => ` ${name.toUpperCase()}`);
  const own = [
    `## ${path}`,
    meta?.description ?? "",
    code(
      `${path}${positional.join("")}${children.length > 0 ? " COMMAND" : ""}${args.length > positional.length ? " [options]" : ""}`,
    ),
    table(
      ["option", "meaning", "default"],
      args.map(([name, arg]) => row(name, arg)),
      "",
    ),
  ];
  const below: string[] = [];
  for (const [name, child] of children)
    below.push(...(await sections((await resolve(child))!, `${path} ${name}`)));
  return [...own.filter((part) => part !== ""), ...below];
}

function row(name: string, arg: ArgDef): string[] {
  const hint = "valueHint" in arg && arg.valueHint ? ` ${arg.valueHint}` : "";
  const shown = arg.type === "positional" ? name.toUpperCase() : `--${name}${hint}`;
  const fallback = arg.default === undefined || arg.default === false ? "" : code(String(arg.default));
  return [code(shown), arg.description ?? "", fallback];
}

/** citty takes a value, a promise of it, or a function that gives either. */
async function resolve<T>(
  value: T | Promise<T> | (() => T | Promise<T>) | undefined,
): Promise<T | undefined> {
  return typeof value === "function" ? await (value as () => T | Promise<T>)() : await value;
}
