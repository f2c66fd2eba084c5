import { expect, test } from "bun:test";
import { argvOf, commandLine } from "./command-line.model.ts";

test("a command reads as one, and shows where its words end", () => {
  expect(commandLine(["/usr/bin/python3", "-m", "http.server", "8080"])).toBe(
    "/usr/bin/python3 -m http.server 8080",
  );
  expect(commandLine(["sh", "-c", "echo it's; rm -r $HOME", ""])).toBe(
    String.raw`sh -c 'echo it'\''s; rm -r $HOME' ''`,
  );
});

test("what can't be seen, or turns text around, is written by its number", () => {
  expect(commandLine(["a\u202Eb", "c\nd"])).toBe(String.raw`'a\u{202e}b' 'c\u{a}d'`);
});

test("only a list of words is a command", () => {
  expect(argvOf({ argv: ["true"] })).toEqual(["true"]);
  for (const data of [undefined, null, "true", { argv: "true" }, { argv: [1] }, { argv: [] }])
    expect(argvOf(data)).toBeNull();
});
