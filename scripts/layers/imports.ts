/** What a module imports, type-only imports included. */

export interface Import {
  specifier: string;
  /** 1-based, for messages; 0 when only the bundler's scanner saw it. */
  line: number;
  typeOnly: boolean;
}

const LOADERS = { ".ts": "ts", ".tsx": "tsx", ".mjs": "js" } as const;

/** `import … from "x"`, `export … from "x"` and `import "x"`, at the start of a statement. */
const STATIC = /^[ \t]*(?:import|export)\b(?<clause>[^"';]*?)\bfrom\s*["'](?<from>[^"']+)["']/gm;
/** `import("x").Name` in a type, and any other dynamic import of a literal. */
const DYNAMIC = /\bimport\(\s*["'](?<from>[^"']+)["']/g;

/**
 * `Bun.Transpiler` alone drops `import type`, so a forbidden dependency of types would pass unseen; a pattern alone
 * could miss an exotic form. Their union misses neither.
 */
export function importsOf(path: string, source: string): Import[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, " "));
  const found = new Map<string, Import>();
  const add = (specifier: string, line: number, typeOnly: boolean) => {
    const known = found.get(specifier);
    found.set(specifier, {
      specifier,
      line: known?.line || line,
      typeOnly: (known?.typeOnly ?? true) && typeOnly,
    });
  };
  for (const match of code.matchAll(STATIC)) {
    const typeOnly = /^\s*type\b(?!\s*,|\s+from)/.test(match.groups!.clause!);
    add(match.groups!.from!, lineAt(code, match.index), typeOnly);
  }
  for (const match of code.matchAll(DYNAMIC)) add(match.groups!.from!, lineAt(code, match.index), true);
  const extension = path.slice(path.lastIndexOf(".")) as keyof typeof LOADERS;
  const scanner = new Bun.Transpiler({ loader: LOADERS[extension] });
  for (const { path: specifier } of scanner.scanImports(source)) add(specifier, 0, false);
  return [...found.values()].sort((a, b) => a.line - b.line);
}

function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < index; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
