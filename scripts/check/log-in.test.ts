/** People log in: one word for it in commands, messages, the dashboard and the guides. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");
/** Not the names of files, which nobody is told. */
const OTHER_WORD = /\bsign(?:s|ed|ing)?[ -]ins?\b(?!\.\w)/gi;
/** Tests and comments speak to us; threats.md repeats the names of tests. */
const UNSEEN = /\.test\.ts$|\/testing\/|node_modules|docs\/security\/threats\.md$/;

const filesOf = (...patterns: string[]): string[] =>
  patterns
    .flatMap((pattern) => [...new Bun.Glob(pattern).scanSync(ROOT)])
    .filter((path) => !UNSEEN.test(path));

const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");

test("nobody is told to sign in: people log in", () => {
  const sources = filesOf("{agent,core,plugins,ui}/**/*.{ts,tsx}");
  const prose = filesOf("docs/**/*.md", "plugins/*/README.md", "*.md");
  expect(sources.length).toBeGreaterThan(500);
  expect(prose.length).toBeGreaterThan(30);
  const found = [...sources, ...prose].flatMap((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    const said = path.endsWith(".md") ? text : withoutComments(text);
    return [...said.matchAll(OTHER_WORD)].map(([word]) => `${path}: ${word}`);
  });
  expect(found).toEqual([]);
});
