import { expect, test } from "bun:test";
import { fleetAt } from "../../testing/fixtures.ts";
import { comparePlugins } from "../plugins/plugin.model.ts";
import { checkLook, compareChecks, isBeingConfirmed, matchesWords } from "./check.model.ts";
import { text } from "./texts.ts";

const en = text();

const { checks, plugins, problems } = fleetAt(Date.UTC(2026, 10, 22, 12));

test("broken checks come first, then bad results, skipped ones last", () => {
  const words = checks.toSorted(compareChecks).map((check) => checkLook(check, en).word);
  expect([...new Set(words)]).toEqual(["Broken", "Critical", "OK", "Paused", "Skipped"]);
});

test("a check that has not run yet says that it is active, not that it is fine", () => {
  expect(checkLook({ ...checks[0]!, status: null }, en)).toMatchObject({ word: "Active", tone: "idle" });
});

test("what is bad and no problem yet is being confirmed", () => {
  const check = { ...checks[0]!, state: "active", status: "critical", confirmSeconds: 600 } as const;
  const problem = {
    ...problems[0]!,
    state: "open",
    node: check.node,
    check: check.name,
    instance: check.instance,
  } as const;
  expect(isBeingConfirmed(check, [])).toBe(true);
  expect(isBeingConfirmed(check, [{ ...problem, state: "resolved" }])).toBe(true);
  expect(isBeingConfirmed(check, [problem])).toBe(false);
  expect(isBeingConfirmed({ ...check, status: "ok" }, [])).toBe(false);
  expect(isBeingConfirmed({ ...check, confirmSeconds: 0 }, [])).toBe(false);
});

test("a filter wants every word somewhere", () => {
  expect(matchesWords("fs DB-1", ["fs_space", "db-1.ams"])).toBe(true);
  expect(matchesWords("fs web", ["fs_space", "db-1.ams"])).toBe(false);
  expect(matchesWords("", [])).toBe(true);
});

test("broken plugins come first, then by name", () => {
  expect(plugins.toSorted(comparePlugins).map((plugin) => plugin.id)).toEqual([
    "probe",
    "probe",
    "disk",
    "disk",
    "night-shift",
    "night-shift",
    "service",
    "service",
  ]);
});
