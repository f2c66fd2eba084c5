import type { Check, Repair } from "cortex";
import type { LoadedPlugin } from "../plugins/load.ts";
import type { GeneratedFile } from "./files.ts";
import { code, GENERATED, table, time } from "./markdown.ts";

/** docs/reference/plugins.md: what every plugin brings, from its manifest and hooks. */
export async function generatePluginsReference(plugins: LoadedPlugin[]): Promise<GeneratedFile[]> {
  const parts = [
    GENERATED,
    "# Plugins",
    "What the built-in plugins bring. The name leads to the plugin's own page with options, thresholds and pitfalls.",
    table(
      ["plugin", "what it is for", "checks", "repairs"],
      plugins.map(({ folder, definition, hooks }) => [
        `[${folder}](../../plugins/${folder}/README.md)`,
        definition.summary,
        String(hooks.checks?.length ?? 0),
        String(hooks.repairs?.length ?? 0),
      ]),
      "There are none.",
    ),
    "## Checks",
    "Times are defaults; `interval`, `confirm` and `timeout` of the instance win.",
    table(
      ["check", "plugin", "what it looks at", "problem type", "nature", "every", "confirmed after"],
      plugins.flatMap(({ folder, hooks }) => (hooks.checks ?? []).map((check) => checkRow(folder, check))),
      "There are none.",
    ),
    "## Repairs",
    "Classes: R1 reversible, R2 restarts one unit, R3 host level, R4 touches data.",
    table(
      ["repair", "plugin", "what it does", "class", "helps against", "undo"],
      plugins.flatMap(({ folder, hooks }) =>
        (hooks.repairs ?? []).map((repair) => repairRow(folder, repair)),
      ),
      "There are none.",
    ),
    "## Rights",
    "A plugin reaches the system only through what it declares here.",
    table(
      ["plugin", "version", "runs in", "capabilities"],
      plugins.map(({ folder, definition }) => [
        code(folder),
        definition.version,
        definition.modes.join(", "),
        definition.capabilities.map(code).join(" ") || "none",
      ]),
      "There are none.",
    ),
  ];
  return [{ path: "docs/reference/plugins.md", content: `${parts.join("\n\n")}\n` }];
}

function checkRow(folder: string, check: Check): string[] {
  return [
    code(check.name),
    folder,
    check.summary,
    code(check.type),
    check.nature,
    check.schedule ? code(check.schedule) : time(check.intervalMs),
    check.confirmMs === 0 ? "at once" : time(check.confirmMs),
  ];
}

function repairRow(folder: string, repair: Repair): string[] {
  return [
    `${code(repair.name)} v${repair.version}`,
    folder,
    repair.summary,
    repair.class,
    repair.remedies.map(code).join(" "),
    typeof repair.undo === "function"
      ? "taken back"
      : repair.undo === "nothing"
        ? "nothing to undo"
        : "can't be undone",
  ];
}
