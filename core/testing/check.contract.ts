/** What every check promises. */
import { describe, expect, test } from "bun:test";
import type { Check, PluginDefinition, Result, Skipped } from "cortex";
import { STATUS_ORDER } from "cortex";
import { isSkipped, runCheck } from "./context.ts";
import type { TestContextOptions } from "./context.ts";
import { setupPlugin } from "./plugin.contract.ts";

/** Base units and counts; a bare name is allowed for what has no unit (`load.1m`, `mem.pressure`). */
const WRONG_UNIT =
  /_(ms|millis|milliseconds|minutes|hours|days|percent|pct|kb|mb|gb|kib|mib|gib|kilobytes|megabytes|bits)$/;
const METRIC_NAME = /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$/;
/** An abort must be felt well before the 10 s time-out of a check. */
const ABORT_LIMIT_MS = 2000;

/** One result as the engine accepts it. */
function expectValidResult(entry: Result | Skipped): void {
  if (isSkipped(entry)) {
    expect(entry.skipped).toMatch(/^\S[^\n]+$/);
    return;
  }
  expect(entry.target).not.toBe("");
  expect(STATUS_ORDER).toContain(entry.status);
  expect(entry.summary).toMatch(/^\S[^\n]*$/);
  if (entry.type !== undefined) expect(entry.type).toMatch(METRIC_NAME);
  if (entry.owner !== undefined) expect(entry.owner).toMatch(/^[a-z][a-z0-9-]*:.+$/);
  for (const [name, value] of Object.entries(entry.metrics ?? {})) {
    expect(name).toMatch(METRIC_NAME);
    expect(name).not.toMatch(WRONG_UNIT);
    expect(Number.isFinite(value)).toBe(true);
  }
  for (const value of Object.values(entry.labels ?? {})) expect(typeof value).toBe("string");
  expect(JSON.parse(JSON.stringify(entry.data ?? {}))).toEqual(entry.data ?? {});
}

/** `context` replaces the empty host for checks that reach further. */
export function checkContract(
  plugin: PluginDefinition,
  validConfig: unknown = {},
  context: Partial<TestContextOptions> = {},
): void {
  const setUp = () => setupPlugin(plugin, validConfig, context);
  const checks = (): Check[] => setUp().hooks.checks ?? [];
  describe(`${plugin.name}: check contract`, () => {
    for (const { name } of checks()) {
      const fresh = () => {
        const { ctx, hooks } = setUp();
        return { ctx, hooks, check: hooks.checks!.find((check) => check.name === name)! };
      };

      test(`${name} is named, typed and timed`, () => {
        const { check } = fresh();
        expect(check.name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
        expect(check.type).toMatch(METRIC_NAME);
        expect(check.summary).toMatch(/^\S[^\n]+$/);
        expect(check.intervalMs).toBeGreaterThanOrEqual(1000);
        expect(check.confirmMs).toBeGreaterThanOrEqual(0);
        expect(check.timeoutMs ?? 1).toBeGreaterThan(0);
      });

      test(`${name} says skipped or unknown on an empty host, and never throws`, async () => {
        const { ctx, hooks, check } = fresh();
        const results = await runCheck(check, ctx);
        for (const entry of results) expectValidResult(entry);
        const targets = results.map((entry) => entry.target ?? "");
        expect(targets).toEqual([...new Set(targets)]);
        expect(results.length).toBeGreaterThan(0);
        await hooks.stop?.();
      });

      test(`${name} ends when it is aborted`, async () => {
        const { ctx, hooks, check } = fresh();
        const signal = AbortSignal.abort(new Error("aborted by the test"));
        const started = performance.now();
        await runCheck(check, ctx, { signal }).catch(() => undefined);
        expect(performance.now() - started).toBeLessThan(ABORT_LIMIT_MS);
        await hooks.stop?.();
      });
    }
  });
}
