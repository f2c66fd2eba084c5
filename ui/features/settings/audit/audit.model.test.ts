import { expect, test } from "bun:test";
import { auditQuery, contentOf, isBad } from "./audit.model.ts";

const NOW = Date.UTC(2026, 10, 26, 12);

test("the search becomes the API's filters, and nonsense is left out", () => {
  expect(auditQuery({ q: " bo ", kind: "auth", span: "1h" }, NOW)).toEqual({
    text: "bo",
    kind: "auth",
    from: "2026-11-26T11:00:00.000Z",
  });
  expect(auditQuery({ q: "", kind: "weather", span: "9y" }, NOW)).toEqual({});
});

test("an entry reads in one line, whatever it holds", () => {
  expect(contentOf({ name: "bo", grants: [{ role: "viewer" }], note: null })).toBe(
    'name: bo, grants: [{"role":"viewer"}]',
  );
  expect(contentOf(null)).toBe("");
  expect(isBad("auth.login_failed")).toBe(true);
  expect(isBad("auth.login")).toBe(false);
});
