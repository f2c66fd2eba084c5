import { expect, test } from "bun:test";
import { expiryOf } from "./key.model.ts";

test("a key ends that many days from now, or never", () => {
  const now = Date.UTC(2026, 10, 26);
  expect(expiryOf("30", now)).toBe("2026-12-26T00:00:00.000Z");
  expect(expiryOf("never", now)).toBeNull();
});
