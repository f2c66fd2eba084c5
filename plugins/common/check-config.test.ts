import { expect, test } from "bun:test";
import { judge } from "cortex";
import * as z from "zod";
import { limits, section, thresholds, timing } from "./check-config.ts";

const config = z.strictObject({
  disk: section("A check.", {
    ...timing({ interval: "15s", confirm: "5m" }),
    ...limits("ratio", "Share", { warning: 0.1, critical: 0.05, clearWarning: 0.15, worse: "below" }),
  }).prefault({}),
});

test("an empty config has every default", () => {
  expect(config.parse({}).disk).toEqual({
    enabled: true,
    interval: 15_000,
    confirm: 300_000,
    warning_ratio: 0.1,
    critical_ratio: 0.05,
    clear_warning_ratio: 0.15,
    clear_critical_ratio: null,
  });
});

test("limits become what judge wants, and null switches one off", () => {
  const { disk } = config.parse({ disk: { critical_ratio: null } });
  const limit = thresholds(disk, "ratio", "below");
  expect(judge(0.01, limit, null)).toBe("warning");
  expect(judge(0.12, limit, "warning")).toBe("warning");
  expect(judge(0.12, limit, null)).toBe("ok");
});

test("a key with another unit is refused", () => {
  expect(config.safeParse({ disk: { warning_percent: 90 } }).success).toBe(false);
});
