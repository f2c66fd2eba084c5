import { expect, test } from "bun:test";
import { optionsLast, withoutVerb } from "./words.ts";

const last = (line: string) => optionsLast(line.split(" ")).join(" ");

test("options of every command may stand before it", () => {
  expect(last("--data-dir data status")).toBe("status --data-dir data");
  expect(last("--json --data-dir=data intents show x")).toBe("intents show x --json --data-dir=data");
  expect(last("--data-dir data key delete -- -x")).toBe("key delete --data-dir data -- -x");
});

test("what is no such option, or stands before no command, stays where it is", () => {
  for (const line of [
    "status --data-dir data",
    "--data-dir data",
    "--help",
    "--version",
    "--frob status",
    "--data-dir",
  ])
    expect(last(line)).toBe(line);
});

test("problems are shown by their id, with or without the word of the other lists", () => {
  expect(withoutVerb(["show", "0198"], ["problems"])).toEqual(["0198"]);
  expect(withoutVerb(["list", "--json"], ["problems"])).toEqual(["--json"]);
  expect(withoutVerb(["0198"], ["problems"])).toEqual(["0198"]);
  expect(withoutVerb(["show"], ["intents", "show"])).toEqual(["show"]);
  expect(() => withoutVerb(["show", "--json"], ["problems"])).toThrow("cortex problems ID");
});
