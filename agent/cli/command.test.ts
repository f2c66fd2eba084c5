import { expect, spyOn, test } from "bun:test";
import { CortexError } from "cortex";
import { configInvalid } from "../../core/config/problems.ts";
import { runCommand } from "citty";
import { exitCodeFor } from "./exit-codes.ts";
import { command, localArgs, report, usageError, withDashedValues } from "./command.ts";

test("every problem of a configuration is told on a line of its own, with its place", () => {
  const written: string[] = [];
  const write = spyOn(process.stderr, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  const place = { source: "cortex.yaml", column: 1 };
  const code = report(
    configInvalid([
      { ...place, line: 2, path: "nonsense", message: "unknown key" },
      { ...place, line: 5, path: "engine.tick", message: "must be a duration" },
    ]),
  );
  write.mockRestore();
  expect(code).toBe(78);
  expect(written).toEqual([
    "cortex: cortex.yaml:2:1 nonsense: unknown key\n",
    "cortex: cortex.yaml:5:1 engine.tick: must be a duration\n",
  ]);
});

test("an argument that is missing is the caller's mistake, and the answer says where to look it up", () => {
  const citty = Object.assign(new Error("Missing required positional argument: NAME"), { code: "EARG" });
  const error = usageError(citty, ["user", "create"]) as CortexError;
  expect(error).toBeInstanceOf(CortexError);
  expect(error.message).toBe("missing required positional argument: NAME; see `cortex user create --help`");
  expect(exitCodeFor(error)).toBe(64);
  const other = new Error("something else");
  expect(usageError(other, ["up"])).toBe(other);
});

test("a key that begins with a dash is a value where one is taken, and an option where none is", () => {
  const args = { key: { type: "positional" }, to: { type: "string" }, json: { type: "boolean" } } as const;
  expect(withDashedValues(["-_Ab", "--json"], args)).toEqual(["--json", "--", "-_Ab"]);
  expect(withDashedValues(["--to", "-_Ab", "x"], args)).toEqual(["--to", "-_Ab", "x"]);
  expect(withDashedValues(["--json", "--", "-_Ab"], args)).toEqual(["--json", "--", "-_Ab"]);
  expect(withDashedValues(["-x"], { json: { type: "boolean" } })).toEqual(["-x"]);
});

test("an option without its value is told so, and is no empty value", async () => {
  const written: string[] = [];
  const write = spyOn(process.stderr, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  const ran: string[] = [];
  const look = command({
    name: "look",
    description: "",
    args: { ...localArgs, text: { type: "string" } },
    run: async (args) => void ran.push(String(args["data-dir"]), String(args.text)),
  });
  for (const rawArgs of [["--data-dir"], ["--data-dir", "--json"], ["--data-dir="], ["--data-dir", ""]])
    await runCommand(look, { rawArgs });
  expect(ran).toEqual([]);
  await runCommand(look, { rawArgs: ["--data-dir", "data", "--text", ""] });
  write.mockRestore();
  process.exitCode = 0;
  expect(new Set(written)).toEqual(new Set(["cortex: --data-dir needs a value: --data-dir DIR\n"]));
  expect(written).toHaveLength(4);
  expect(ran).toEqual(["data", ""]);
});
