import { expect, test } from "bun:test";
import { headlineOf } from "./proposal.ts";
import { openedProblem } from "../watch/problem-record.ts";

test("a record is headed by what is done, and by its target unless the plan names it", () => {
  expect(headlineOf("start process demo", "demo")).toBe("Start process demo");
  expect(headlineOf("remove 3 files, 20 KiB, oldest 40d", "/var/log")).toBe(
    "/var/log: remove 3 files, 20 KiB, oldest 40d",
  );
});

test("a detail stands in the history of a problem and not in its summary", () => {
  const facts = {} as Parameters<typeof openedProblem>[0];
  const result = {
    target: "demo",
    status: "critical",
    summary: "demo has ended",
    detail: "bind: in use",
  } as const;
  expect(openedProblem(facts, result, 5)).toMatchObject({
    summary: "demo has ended",
    events: [{ at: 5, kind: "opened", text: "demo has ended · bind: in use" }],
  });
  const long = openedProblem(facts, { ...result, summary: "s".repeat(2000), detail: "d".repeat(2000) }, 5);
  expect(long.events[0]!.text.length).toBeLessThanOrEqual(1000);
});
