import { expect, test } from "bun:test";
import { askedFor, scoreOf, search, step, wordScore, type Entry } from "./palette.model.ts";

const entry = (id: string, title: string, more: Partial<Entry> = {}): Entry => ({
  id,
  group: "nodes",
  icon: "server",
  title,
  run: () => undefined,
  ...more,
});

test("the start of a text fits best, then the start of a word, then the middle, then scattered letters", () => {
  const scores = ["web-1.ams", "db-web", "cobweb", "w-e-b", "disk"].map((text) => wordScore("web", text));
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  expect(scores.at(-1)).toBe(0);
  expect(wordScore("wbams", "web-1.ams")).toBeGreaterThan(0);
});

test("every word must fit somewhere", () => {
  const node = entry("a", "web-1.ams", { hint: "web", words: "debian" });
  expect(scoreOf(node, ["web", "deb"])).toBeGreaterThan(0);
  expect(scoreOf(node, ["web", "fra"])).toBe(0);
});

test("the best entry leads, and its group comes first", () => {
  const found = search(
    [
      entry("p", "Plugins", { group: "pages" }),
      entry("n1", "old-web"),
      entry("n2", "web-1"),
      entry("q", "the web server is down", { group: "problems" }),
    ],
    "web",
  );
  expect(found.map(({ group }) => group)).toEqual(["nodes", "problems"]);
  expect(found[0]!.entries.map(({ id }) => id)).toEqual(["n2", "n1"]);
});

test("of a large group only the best are offered", () => {
  const many = Array.from({ length: 1000 }, (_, index) => entry(`n${index}`, `web-${index}`));
  expect(search(many, "web")[0]!.entries).toHaveLength(8);
});

test("what is over stands behind what is not, when both fit as well", () => {
  const over = entry("over", "demo is down", { group: "problems", isPast: true });
  const open = entry("open", "demo answers too slowly", { group: "problems" });
  expect(search([over, open], "demo")[0]!.entries.map(({ id }) => id)).toEqual(["open", "over"]);
  const title = entry("title", "demo", { group: "problems", isPast: true });
  const target = entry("target", "it does not answer", { group: "problems", words: "demo" });
  expect(search([target, title], "demo")[0]!.entries.map(({ id }) => id)).toEqual(["title", "target"]);
});

test("the server is asked for the longest word, and not for a letter", () => {
  expect(askedFor(" web-1 demo ")).toBe("web-1");
  expect(askedFor("d")).toBeNull();
  expect(askedFor("")).toBeNull();
});

test("moving goes round", () => {
  expect([step(0, -1, 3), step(2, 1, 3), step(0, 1, 0)]).toEqual([2, 0, -1]);
});
