/** Whose work is in the program: name, version and licence of each package it is built from, and of its font. */
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const ID = "virtual:licences";

interface PackageFile {
  name: string;
  version: string;
  license?: string;
  dependencies?: Record<string, string>;
}

const read = (path: URL): PackageFile => JSON.parse(readFileSync(path, "utf8")) as PackageFile;

/** Packages that only build or test; what is left of the development dependencies is built into the dashboard. */
const BUILT_IN = ["@iconify-json/lucide", "@solidjs/router", "bun", "solid-js", "uplot"];

export function licences(root: URL): Plugin {
  return {
    name: "licences",
    resolveId: (id) => (id === ID ? `\0${ID}` : null),
    load(id) {
      if (id !== `\0${ID}`) return null;
      const names = [...Object.keys(read(new URL("package.json", root)).dependencies ?? {}), ...BUILT_IN];
      const parts = names.toSorted().map((name) => {
        const { version, license } = read(new URL(`node_modules/${name}/package.json`, root));
        return { name, version, licence: license ?? "see its package" };
      });
      parts.push({ name: "Inter", version: "4", licence: "OFL-1.1" });
      return `export default ${JSON.stringify(parts)};`;
    },
  };
}
