import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { createDraftFile } from "./draft-file.ts";

test("a draft is for its author's eyes only", () => {
  const draft = createDraftFile("policy.yaml", "version: 1\n");
  expect(draft.read()).toBe("version: 1\n");
  expect(statSync(draft.path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(draft.path)).mode & 0o777).toBe(0o700);
  draft.remove();
  expect(() => draft.read()).toThrow();
});
