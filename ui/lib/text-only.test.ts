import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { filterNodes, listNodes, marksOf } from "../features/fleet/fleet.model.ts";
import { needsOf } from "../features/fleet/needs.model.ts";
import { look, newsSince, type Told } from "../shell/news.model.ts";
import { fleetAt } from "../testing/fixtures.ts";
import { en } from "../texts/en/frame.ts";
import { formatAge, shortId } from "./format.model.ts";
import { zh } from "../texts/zh/whole.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const fleet = fleetAt(NOW);
const UI = join(import.meta.dir, "..");

/** Everything by which a browser makes markup, or a program, out of text. */
const MAKES_MARKUP =
  /\b(innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|DOMParser|setHTML\w*|parseHTML\w*|srcdoc|dangerouslySetInnerHTML)\b|document\.write|\beval\(|new Function\b|\bset(Timeout|Interval)\(\s*["'`]/;

const sources = [...new Glob("**/*.{ts,tsx}").scanSync({ cwd: UI })].filter(
  (path) => !/^(dist|testing)\/|\.test\.ts$/.test(path),
);
const read = (path: string) => readFileSync(join(UI, path), "utf8");

test("T74 no source of the dashboard makes markup or programs out of text", () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.filter((path) => MAKES_MARKUP.test(read(path)))).toEqual([]);
});

test("the browser keeps how things look, and nothing that was read from the Monitor", () => {
  const keeps = /\b(localStorage|sessionStorage|indexedDB|caches\.|document\.cookie)\b/;
  expect(sources.filter((path) => keeps.test(read(path)))).toEqual(["lib/preferences.ts"]);
  const keys = [...read("lib/preferences.ts").matchAll(/\b(?:read|write)\("([^"]+)"/g)].map(
    (match) => match[1]!,
  );
  expect([...new Set(keys)].toSorted((a, b) => a.localeCompare(b))).toEqual([
    "cortex.fleet",
    "cortex.language",
    "cortex.shortcuts",
    "cortex.theme",
  ]);
});

test("passwords are masked, may be pasted, and password managers know them", () => {
  const inputs = sources.flatMap((path) =>
    [...read(path).matchAll(/autocomplete="(?:current|new)-password"/g)].map(({ index }) =>
      read(path).slice(Math.max(0, index - 400), index + 400),
    ),
  );
  expect(inputs.length).toBeGreaterThan(5);
  for (const around of inputs) expect(around).toContain('type="password"');
  const masked = sources.flatMap((path) => read(path).match(/^\s+type="password"/gm) ?? []);
  expect(masked.length).toBe(inputs.length);
  expect(sources.filter((path) => /\bon:?[pP]aste\b/.test(read(path)))).toEqual([]);
});

const seenNow = (change: Partial<Told> = {}): Told => ({
  problems: [],
  intents: [],
  decisions: [],
  autonomy: [],
  ...change,
});

test("T74 a host's words are told as they are, in every language", () => {
  const words = '"><img src=x onerror=alert(1)>';
  const problem = { ...fleet.problems[0]!, id: "new", summary: words, nodeName: words };
  for (const texts of [en, zh]) {
    const told = newsSince(look(seenNow()), seenNow({ problems: [problem] }), texts).map(
      ({ message }) => message,
    );
    expect(told).toEqual([`${words}: ${words}`]);
    const [need] = needsOf([], [{ ...problem, level: "L3", severity: "critical", state: "open" }], [], texts);
    expect(need?.title).toBe(words);
  }
});

test("T75 what looks like a placeholder stays what it is", () => {
  for (const words of ["{{7*7}}", "{% raw %}", "${7*7}", "<%= 7*7 %>", "#{7*7}", "{0}", "$&", "%s"]) {
    const repair = { ...fleet.intents[0]!, id: "new", kind: "repair" as const, state: "verified" as const };
    for (const texts of [en, zh]) {
      const [told] = newsSince(look(seenNow()), seenNow({ intents: [{ ...repair, summary: words }] }), texts);
      expect(told!.message).toContain(words);
    }
  }
});

const PATHOLOGICAL = [
  "",
  "\u0000",
  "\uD800",
  "\u202Egnp.exe",
  "\u200B\uFEFF",
  "Z\u0351\u036B".repeat(2000),
  "👩‍👩‍👧‍👦".repeat(1000),
  "x".repeat(10_000),
  "((((((((((((((((((((a+)+)+)+)+)",
];

test("T82 names of any shape are ordered, found and shortened, at once", () => {
  const nodes = PATHOLOGICAL.map((name, index) => ({ ...fleet.nodes[0]!, id: `n${index}`, name }));
  const listed = listNodes(nodes);
  expect(listed).toHaveLength(PATHOLOGICAL.length);
  const marks = marksOf([], []);
  for (const [index, name] of PATHOLOGICAL.entries()) {
    const [word] = name.split(/\s+/);
    const found = filterNodes(listed, { bucket: null, words: word! }, marks).map(({ id }) => id);
    expect(found).toContain(`n${index}`);
    expect(shortId(name).length).toBeLessThanOrEqual(14);
  }
});

test("T82 a time from the edge of the calendar is told, not thrown", () => {
  for (const at of [0, -8.64e15, 8.64e15]) expect(formatAge(at, NOW, "en")).toMatch(/\d/);
});
