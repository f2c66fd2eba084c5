import type { ArgDef, ArgsDef, CommandDef, SubCommandsDef } from "citty";
import { WHERE } from "../../agent/cli/help.ts";
import { main } from "../../agent/main.ts";
import type { GeneratedFile } from "./files.ts";
import { code, GENERATED, table } from "./markdown.ts";

/** docs/reference/cli.md from the commands themselves. */
export async function generateCliReference(): Promise<GeneratedFile[]> {
  const parts = [GENERATED, "# Command line", WHERE, ...(await sections(main, "cortex"))];
  return [{ path: "docs/reference/cli.md", content: `${parts.join("\n\n")}\n` }];
}

async function sections(command: CommandDef, path: string): Promise<string[]> {
  const meta = await resolve(command.meta);
  if (meta?.hidden) return [];
  const args = Object.entries((await resolve(command.args)) ?? ({} as ArgsDef));
  const children = Object.entries((await resolve(command.subCommands)) ?? ({} as SubCommandsDef));
  const positional = args.filter(([, arg]) => arg.type === "positional");
  const options = args.filter(([, arg]) => arg.type !== "positional");
  const usage = [
    path,
    ...positional.map(([name, arg]) =>
      arg.required === false ? `[${name.toUpperCase()}]` : name.toUpperCase(),
    ),
    ...(children.length > 0 ? ["COMMAND"] : []),
    ...(options.length > 0 ? ["[options]"] : []),
  ];
  const own = [
    `## ${path}`,
    meta?.description ?? "",
    code(usage.join(" ")),
    table(
      ["option", "meaning", "default"],
      [...positional, ...options].map(([name, arg]) => row(name, arg)),
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
