import { expect, test } from "bun:test";
import type { Effect } from "cortex";
import { isReversible, undoOf } from "./blast-radius.ts";

const START: Effect = { kind: "service", verb: "start", name: "demo" };
const LOGS: Effect = { kind: "delete", what: "logs", root: "/var/log", count: 1 };
const REBOOT: Effect = { kind: "host", verb: "reboot" };

test("one statement says how an act is undone: by Cortex, not needed, only what is spared goes, or not at all", () => {
  expect(undoOf([REBOOT], true)).toBe("taken_back");
  expect(undoOf([START], false)).toBe("nothing");
  expect(undoOf([START, LOGS], false)).toBe("spared");
  expect(undoOf([START, REBOOT], false)).toBe("none");
  // What is not said may be anything.
  expect(undoOf(null, false)).toBe("none");
});

test("what can't be undone by that statement is what asks as irreversible", () => {
  for (const effects of [[START], [LOGS], [REBOOT], null])
    for (const undo of [true, false])
      expect(undoOf(effects, undo) === "none").toBe(!isReversible(effects, undo));
});
