import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { sourceFiles } from "../lib/tree.ts";
import { type Import, importsOf } from "./imports.ts";
import { forbidden } from "./rules.ts";

export interface LayerReport {
  modules: number;
  imports: number;
  /** `core/http/app.ts:12 imports plugins/disk/index.ts: core never imports plugins`. */
  violations: string[];
}

const FOLDERS = ["core", "plugins", "agent", "ui", "scripts"];

/** Hold every import of the tree against the table. */
export function checkLayers(tree: string): LayerReport {
  const report: LayerReport = { modules: 0, imports: 0, violations: [] };
  for (const path of sourceFiles(FOLDERS, "**/*.{ts,tsx}", tree)) {
    report.modules++;
    for (const found of importsOf(path, readFileSync(join(tree, path), "utf8"))) {
      report.imports++;
      const complaint = judge(tree, path, found);
      if (complaint) report.violations.push(`${path}:${found.line} imports ${found.specifier}: ${complaint}`);
    }
  }
  // A scanner that finds nothing is broken, not content.
  if (report.modules === 0) report.violations.push("no modules found: nothing was checked");
  return report;
}

function judge(tree: string, from: string, { specifier, typeOnly }: Import): string | null {
  const isRelative = specifier.startsWith(".");
  if (!isRelative && specifier !== "cortex")
    return forbidden({ from, to: specifier, isPackage: true, typeOnly });
  const to = isRelative
    ? normalize(join(dirname(from), specifier)).replace(/\?.*$/, "")
    : "core/sdk/index.ts";
  if (to.startsWith("..")) return "the file lies outside the tree";
  if (isRelative && !existsSync(join(tree, to)) && !/(^|\/)dist\//.test(to)) return "there is no such file";
  return forbidden({ from, to, isPackage: false, typeOnly });
}
