import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { testFolder } from "../core/testing/test-folder.ts";
import { checkLayers } from "./layers/check.ts";
import { importsOf } from "./layers/imports.ts";
import { CORE, forbidden } from "./layers/rules.ts";
import { rootDir } from "./lib/tree.ts";

function inTree(files: Record<string, string>): string[] {
  const tree = testFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  return checkLayers(tree).violations;
}

describe("the imports of a module", () => {
  test("include types, re-exports, side effects and dynamic imports, with their lines", () => {
    const source = [
      'import { a } from "./a.ts";',
      'import type { B } from "./b.ts";',
      "/* import { no } from './comment.ts'; */",
      "import {",
      "  c,",
      '} from "./c.ts";',
      'export type { D } from "./d.ts";',
      'export * from "./e.ts";',
      'import "./f.ts";',
      'const g = await import("@g.ts");',
      'type H = import("@h.ts").H;',
      'import type, { i } from "./i.ts";',
      "export const used = [a, c, g];",
    ]
      .join("\n")
      // Not spelt out above, since this file is scanned too.
      .replaceAll("@", "./");
    const found = Object.fromEntries(importsOf("x.ts", source).map((one) => [one.specifier, one]));
    expect(Object.keys(found).sort()).toEqual([..."abcdefghi"].map((letter) => `./${letter}.ts`));
    expect(
      Object.values(found)
        .filter((one) => one.typeOnly)
        .map((one) => one.specifier)
        .sort(),
    ).toEqual(["./b.ts", "./d.ts", "./h.ts"]);
    expect(found["./c.ts"]?.line).toBe(4);
  });
});

describe("layers", () => {
  test("core folders form an order without circles", () => {
    const below = (folder: string, seen: string[] = []): void => {
      expect(seen).not.toContain(folder);
      for (const next of CORE[folder]!) below(next, [...seen, folder]);
    };
    for (const folder of Object.keys(CORE)) below(folder);
  });

  const edge = (from: string, to: string, typeOnly = false) =>
    forbidden({ from, to, isPackage: !to.includes("/") || /^(node|bun):|^@/.test(to), typeOnly });

  test.each([
    ["core/sdk/a.ts", "core/domain/b.ts"],
    ["core/sdk/a.ts", "node:fs"],
    ["core/sdk/a.ts", "elysia"],
    ["core/domain/a.ts", "core/store/b.ts"],
    ["core/domain/a.ts", "bun:sqlite"],
    ["core/store/a.ts", "core/pipeline/b.ts"],
    ["core/scheduler/a.ts", "core/host/b.ts"],
    ["core/pipeline/a.ts", "core/store/monitor/b.ts"],
    ["core/monitor/a.ts", "core/store/agent/b.ts"],
    ["core/monitor/a.ts", "core/pipeline/b.ts"],
    ["core/http/a.ts", "core/pipeline/b.ts"],
    ["core/http/a.ts", "core/testing/b.ts"],
    ["core/pipeline/a.ts", "bun:sqlite"],
    ["core/host/a.ts", "plugins/disk/index.ts"],
    ["core/host/a.test.ts", "plugins/disk/index.ts"],
    ["core/host/a.ts", "agent/main.ts"],
    ["core/unheard/a.ts", "core/sdk/b.ts"],
    ["plugins/disk/a.ts", "core/ports/clock.ts"],
    ["plugins/disk/a.ts", "plugins/cpu/b.ts"],
    ["plugins/disk/a.ts", "agent/main.ts"],
    ["plugins/disk/a.ts", "node:fs"],
    ["plugins/disk/a.ts", "core/testing/context.ts"],
    ["agent/main.ts", "plugins/disk/index.ts"],
    ["agent/main.ts", "ui/app.tsx"],
    ["agent/main.ts", "scripts/gen.ts"],
    ["ui/app.tsx", "core/http/app.ts"],
  ])("%s may not import %s", (from, to) => {
    expect(edge(from, to)).toBeString();
  });

  test.each([
    ["core/sdk/a.ts", "elysia", true],
    ["core/sdk/a.ts", "zod", false],
    ["core/domain/a.ts", "core/sdk/index.ts", false],
    ["core/http/a.ts", "core/monitor/b.ts", false],
    ["core/pipeline/a.ts", "core/store/agent/b.ts", false],
    ["core/monitor/a.ts", "core/store/monitor/b.ts", false],
    ["core/http/a.test.ts", "core/testing/b.ts", false],
    ["core/testing/a.ts", "core/http/b.ts", false],
    ["core/store/a.ts", "bun:sqlite", false],
    ["plugins/disk/a.ts", "core/sdk/index.ts", false],
    ["plugins/disk/a.ts", "plugins/common/b.ts", false],
    ["plugins/disk/a.test.ts", "core/testing/context.ts", false],
    ["plugins/index.gen.ts", "plugins/disk/index.ts", false],
    ["agent/main.ts", "plugins/index.gen.ts", false],
    ["agent/main.ts", "core/http/app.ts", false],
    ["ui/app.tsx", "core/http/app.ts", true],
    ["scripts/gen.ts", "core/testing/context.ts", false],
  ])("%s may import %s", (from, to, typeOnly) => {
    expect(edge(from, to, typeOnly)).toBeNull();
  });

  test("a forbidden type-only import is found, with its line", () => {
    const violations = inTree({
      "core/domain/a.ts":
        '/** Doc. */\nimport type { Store } from "../store/b.ts";\nexport type A = Store;\n',
      "core/store/b.ts": "export type Store = string;\n",
    });
    expect(violations).toEqual([
      "core/domain/a.ts:2 imports ../store/b.ts: core/domain may not import core/store: imports go downwards",
    ]);
  });

  test("a missing file and an empty tree are failures", () => {
    expect(inTree({ "core/sdk/a.ts": 'export * from "./gone.ts";\n' })).toEqual([
      "core/sdk/a.ts:1 imports ./gone.ts: there is no such file",
    ]);
    expect(inTree({})).toEqual(["no modules found: nothing was checked"]);
  });
});

test("the map in docs/architecture.md names the folders that there are", () => {
  const map = readFileSync(join(rootDir, "docs/architecture.md"), "utf8").split("```")[3]!;
  const named = [...map.matchAll(/^( *)([a-z]+)\/ /gm)].map(([, indent, name]) =>
    indent === "" ? name! : `core/${name}`,
  );
  const isFolder = (path: string) => statSync(join(rootDir, path)).isDirectory();
  expect(named.filter((path) => !isFolder(path))).toEqual([]);
  expect(readdirSync(join(rootDir, "core")).filter((name) => !named.includes(`core/${name}`))).toEqual([]);
});
