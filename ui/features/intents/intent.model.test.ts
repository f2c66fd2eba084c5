import { describe, expect, test } from "bun:test";
import type { Intent } from "../../data/types.ts";
import { fleetAt } from "../../testing/fixtures.ts";
import {
  actorOf,
  deciderName,
  durationMs,
  intentLook,
  mergeIntents,
  outcomeLine,
  stepsOf,
} from "./intent.model.ts";
import { text } from "./texts.ts";

const en = text();

const NOW = Date.UTC(2026, 10, 22, 12);
const [running, failed, proposal, healed, rejected, note] = fleetAt(NOW).intents as [
  Intent,
  Intent,
  Intent,
  Intent,
  Intent,
  Intent,
];
const way = (intent: Intent) => stepsOf(intent).map(({ state, mark }) => `${state} ${mark}`);

describe("the way of an intent", () => {
  test("a running one has steps behind it, one at hand and one to come", () => {
    expect(way(running)).toEqual([
      "proposed done",
      "approved done",
      "executing done",
      "verifying current",
      "verified todo",
    ]);
  });

  test("a proposal waits at its first step", () => {
    expect(way(proposal)[0]).toBe("proposed current");
  });

  test("a verified one is done throughout, with the times that are known", () => {
    expect(new Set(stepsOf(healed).map((step) => step.mark))).toEqual(new Set(["done"]));
    expect(stepsOf(healed).map((step) => step.at)).toEqual([
      healed.createdAt,
      healed.decisions[0]!.at,
      healed.outcome[0]!.at,
      healed.outcome[0]!.at,
      healed.finishedAt,
    ]);
  });

  test("a failed verification ends after four steps, a rejection after one", () => {
    expect(way(failed)).toEqual([
      "proposed done",
      "approved done",
      "executing done",
      "verifying done",
      "failed failed",
    ]);
    expect(way(rejected)).toEqual(["proposed done", "rejected failed"]);
  });

  test("an approval that lapsed keeps its approval, a proposal that lapsed has none", () => {
    const allowed = { ...running, state: "expired" as const, outcome: [] };
    expect(way(allowed)).toEqual(["proposed done", "approved done", "expired failed"]);
    expect(way({ ...proposal, state: "expired" })).toEqual(["proposed done", "expired failed"]);
  });

  test("notes and shadow intents go nowhere", () => {
    expect(stepsOf(note)).toEqual([]);
    expect(stepsOf({ ...proposal, shadow: true })).toEqual([]);
  });
});

test("the look tells proposals from shadows and repairs from notes", () => {
  expect(intentLook(proposal, en)).toMatchObject({ word: "Proposed", tone: "warn" });
  expect(intentLook({ ...proposal, shadow: true }, en)).toMatchObject({
    word: "Shadow: would do",
    tone: "idle",
  });
  expect(intentLook(note, en)).toMatchObject({ word: "Note" });
});

test("what came of it is the last outcome, else the plan, else the text", () => {
  expect(outcomeLine(running)).toContain("active after 0.4 s");
  expect(outcomeLine(proposal)).toContain("214 archived journal files");
  expect(outcomeLine(note)).toContain("reboot one by one");
});

test("time counts while it acts, stands once finished, and waiting for a decision is not working", () => {
  expect(durationMs(running, NOW)).toBe(40_000);
  expect(durationMs(failed, NOW)).toBe(6 * 60_000);
  expect(durationMs(proposal, NOW)).toBeNull();
});

test("actors are people, keys or Cortex itself", () => {
  expect(actorOf("user:anna", en)).toMatchObject({ kind: "person", name: "anna" });
  expect(actorOf("key:ci:eu", en)).toMatchObject({ kind: "key", name: "ci:eu" });
  expect(actorOf("engine", en)).toMatchObject({ kind: "agent", name: "Cortex" });
  expect(actorOf("local", en)).toMatchObject({ kind: "person" });
  expect(actorOf("moonbeam", en)).toMatchObject({ kind: "other", name: "moonbeam" });
});

test("live intents and older pages are one list, newest first, each once", () => {
  const stale = { ...healed, state: "verifying" as const };
  expect(mergeIntents([running, healed], [stale, rejected]).map(({ id, state }) => [id, state])).toEqual([
    [running.id, "verifying"],
    [healed.id, "verified"],
    [rejected.id, "rejected"],
  ]);
});

test("a plan that the headline says already is not said again", () => {
  const asked = { ...proposal, outcome: [], summary: "Start process demo" };
  const plan = { ...proposal.plan!, summary: "start process demo" };
  expect(outcomeLine({ ...asked, plan })).toBe("");
  expect(outcomeLine({ ...asked, plan: { ...plan, summary: "start it after a test" } })).toBe(
    "start it after a test",
  );
});

test("who decided has a name", () => {
  expect(["user:anna", "local", "policy", "rule:web"].map((one) => deciderName(one, en))).toEqual([
    "anna",
    "on the host",
    "policy",
    "rule:web",
  ]);
});
