import { expect, test } from "bun:test";
import { en } from "../../../texts/en/frame.ts";
import { enAudit } from "../../../texts/en/audit.ts";
import { enReasons } from "../../../texts/en/reasons.ts";
import { enSettings } from "../../../texts/en/settings.ts";
import { actorOf, auditQuery, fieldsOf, isBad, lineOf } from "./audit.model.ts";

const NOW = Date.UTC(2026, 10, 26, 12);

test("the search becomes the API's filters, and nonsense is left out", () => {
  expect(auditQuery({ q: " bo ", kind: "auth", span: "1h" }, NOW)).toEqual({
    text: "bo",
    kind: "auth",
    from: "2026-11-26T11:00:00.000Z",
  });
  expect(auditQuery({ q: "", kind: "weather", span: "9y" }, NOW)).toEqual({});
});

const texts = { ...en, ...enSettings, ...enAudit, ...enReasons };
const names = new Map([
  ["n_1", "web-1"],
  ["3f8e2a10-0000-4000-8000-000000000001", "bo"],
]);

test("an entry reads in words, people and nodes by name", () => {
  const fields = fieldsOf(
    {
      user: "3f8e2a10-0000-4000-8000-000000000001",
      node: "n_1",
      grants: [
        { role: "viewer", scope: "*" },
        { role: "operator", scope: "subtree:n_1" },
      ],
      disabled: false,
      session: "3f8e2a10-0000-4000-8000-000000000009",
      name: "bo",
      note: null,
    },
    names,
    texts,
    "en-GB",
  );
  expect(fields).toEqual([
    { name: "Person", value: "bo" },
    { name: "Node", value: "web-1" },
    { name: "Session", value: "3f8e2a10-0000-4000-8000-000000000009" },
    { name: "Name", value: "bo" },
    { name: "Roles", value: "Viewer · everywhere, Operator · node web-1" },
    { name: "Locked", value: "no" },
  ]);
  expect(lineOf(fields)).toBe(
    "Person: bo · Node: web-1 · Roles: Viewer · everywhere, Operator · node web-1 · Locked: no",
  );
  expect(fieldsOf(null, names, texts, "en-GB")).toEqual([]);
});

test("sizes, durations and times are not raw numbers", () => {
  const payload = { bytes: 705_138, graceSeconds: 3600, until: "2027-02-24T18:03:06.614Z" };
  const [until, grace, bytes] = fieldsOf(payload, names, texts, "en-GB").map(({ value }) => value);
  expect([bytes, grace]).toEqual(["689 KiB", "1h"]);
  expect(until).toMatch(/^24 Feb 2027, \d\d:03:06$/);
});

test("what was said of a repair reads as words, and an empty list is not told", () => {
  const voice = { at: NOW, layer: "policy", detail: "", text: "no rule speaks for it" };
  const payload = {
    approvers: [],
    voices: [
      { ...voice, by: "policy", verdict: "human", reason: "no_rule" },
      {
        ...voice,
        by: "user:anna",
        verdict: "allow",
        reason: "not_in_the_table",
        text: "a person approved it",
      },
    ],
  };
  const [said, ...more] = fieldsOf(payload, names, texts, "en-GB");
  expect(said).toEqual({
    name: "Said",
    value: `policy · asks people: ${texts.reasons.no_rule}, anna · allowed: a person approved it`,
  });
  expect(more).toEqual([]);
  const approvers = [{ kind: "human", principal: "u1", name: "anna", method: "session", at: NOW }];
  expect(fieldsOf({ approvers }, names, texts, "en-GB")).toEqual([{ name: "Approved by", value: "anna" }]);
});

test("who did it has a name", () => {
  expect(["user:anna", "key:ci", "node:n_1", "local"].map((one) => actorOf(one, names, texts))).toEqual([
    "anna",
    "key ci",
    "web-1",
    "on the host",
  ]);
});

test("what was refused or failed stands out", () => {
  expect(isBad("auth.login_failed")).toBe(true);
  expect(isBad("auth.login")).toBe(false);
});
