import { expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { localeFor, preferredLanguage } from "./i18n.ts";
import { zh } from "./zh/whole.ts";

/** English as all of its parts say it: one file for the frame, and one beside each group of screens. */
const names = (language: string) => [...new Glob("*.ts").scanSync({ cwd: join(import.meta.dir, language) })];
const parts = await Promise.all(
  names("en").map((name) => import(`./en/${name}`) as Promise<Record<string, object>>),
);
const sections = parts.flatMap((part) => Object.values(part).flatMap(Object.keys));
const en = Object.assign({}, ...parts.flatMap((part) => Object.values(part))) as typeof zh;

/** `section.key` → "text" or the number of its parameters. */
function shapeOf(value: object, path = ""): Record<string, string> {
  const shape: Record<string, string> = {};
  for (const [key, entry] of Object.entries(value)) {
    const name = path === "" ? key : `${path}.${key}`;
    if (typeof entry === "object" && entry !== null) Object.assign(shape, shapeOf(entry as object, name));
    else shape[name] = typeof entry === "function" ? `${entry.length} parameters` : "text";
  }
  return shape;
}

test("a section of the texts is in one part", () => {
  expect(parts.length).toBeGreaterThan(8);
  expect(sections.length).toBe(new Set(sections).size);
});

test("every language has the same keys with the same parameters", () => {
  expect(shapeOf(zh)).toEqual(shapeOf(en));
});

test("no text is empty, except where a value stands alone", () => {
  const texts = (value: object): unknown[] =>
    Object.values(value).flatMap((entry) => (typeof entry === "object" ? texts(entry as object) : [entry]));
  for (const [name, dictionary] of Object.entries({ en, zh }))
    expect(
      texts(dictionary).filter((entry) => entry === ""),
      name,
    ).toHaveLength(0);
});

test("commands are the same in every language", () => {
  expect(zh.fleet.emptyCommand).toBe(en.fleet.emptyCommand);
  expect(zh.problem.emptyCommand).toBe(en.problem.emptyCommand);
  expect(zh.intent.emptyCommand).toBe(en.intent.emptyCommand);
  expect(zh.unreachable.command).toBe(en.unreachable.command);
});

test("the chosen language wins, then the browser's first that we have, then English", () => {
  expect(preferredLanguage("zh", ["en-GB"])).toBe("zh");
  expect(preferredLanguage(null, ["fr-FR", "zh-TW", "en"])).toBe("zh");
  expect(preferredLanguage(null, ["fr-FR"])).toBe("en");
  expect(preferredLanguage("nonsense", [])).toBe("en");
});

test("numbers and dates follow the reader's region where it speaks the chosen language", () => {
  expect(localeFor("en", ["de-DE", "en-GB"])).toBe("en-GB");
  expect(localeFor("zh", ["en-GB"])).toBe("zh");
});
