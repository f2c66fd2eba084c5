import { expect, test } from "bun:test";
import type { CommandDef } from "citty";
import { main } from "../main.ts";
import { GROUPS, overview, summariesOf, unknownCommand } from "./help.ts";

const commands = () => summariesOf(main.subCommands as Record<string, () => Promise<CommandDef>>);

test("the help shows every command once, in a group", async () => {
  const grouped = Object.values(GROUPS).flat();
  expect(grouped.toSorted()).toEqual(Object.keys(await commands()).toSorted());
  expect(new Set(grouped).size).toBe(grouped.length);
});

test("each command takes one line of a usual terminal", async () => {
  const lines = overview(await commands(), "Inspects servers.").split("\n");
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
  expect(lines.find((line) => line.startsWith("  doctor"))).toMatch(
    /^ {2}doctor +Examine this installation$/,
  );
  expect(lines).toContain("Decide");
});

test("a mistyped command is told the one that was meant, below a group, too", () => {
  const said = (path: string[], word: string, names: string[]) => unknownCommand(path, word, names).message;
  expect(said([], "problms", ["problems", "policy"])).toBe(
    "unknown command problms; did you mean `cortex problems`?",
  );
  expect(said(["decisions"], "aprove", ["approve", "reject"])).toBe(
    "unknown command decisions aprove; did you mean `cortex decisions approve`?",
  );
  expect(said([], "start", ["up", "status"])).toContain("did you mean `cortex up`?");
});

test("a word that is near to nothing is told where to look", () => {
  expect(unknownCommand([], "frobnicate", ["up"]).message).toBe(
    "unknown command frobnicate; see `cortex --help`",
  );
  expect(unknownCommand(["switch"], "frobnicate", ["on", "off"]).message).toBe(
    "unknown command switch frobnicate; there are: on, off",
  );
});
