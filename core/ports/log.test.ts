import { expect, test } from "bun:test";
import { createLog } from "./log.ts";
import type { LogOptions } from "./log.ts";

function capture(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const log = createLog({
    level: "info",
    format: "json",
    write: (line) => void lines.push(line),
    ...options,
  });
  return { log, lines, records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test("a record is one line of JSON with the fields of its children", () => {
  const { log, lines, records } = capture();
  log.child({ plugin: "disk" }).child({ instance: "default" }).warn("check failed", { ms: 3 });
  expect(lines).toHaveLength(1);
  expect(records()[0]).toMatchObject({
    level: "warning",
    message: "check failed",
    plugin: "disk",
    instance: "default",
    ms: 3,
  });
  expect(String(records()[0]!["at"])).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test("what is below the level is not written", () => {
  const { log, lines } = capture({ level: "warning" });
  log.debug("a");
  log.info("b");
  log.error("c");
  expect(lines).toHaveLength(1);
});

test("T76 text from strangers can't forge a line or steer a terminal, and JSON stays JSON", () => {
  const hostile = 'x\n{"level":"error"}\u001b[2J\u202E\u{e0041}\u2028';
  const json = capture();
  json.log.info("seen", { name: hostile, level: "error", message: "forged" });
  expect(json.lines[0]!.trimEnd()).toMatch(/^[\x20-\x7e]+$/);
  expect(json.records()[0]).toMatchObject({ name: hostile, level: "info", message: "seen" });
  const text = capture({ format: "text" });
  text.log.info("seen", { name: hostile });
  expect(text.lines[0]!.trimEnd()).toMatch(/^[\x20-\x7e]+$/);
});

test("text lines quote only what needs it", () => {
  const { log, lines } = capture({ format: "text" });
  log.info("mounted", { path: "/mnt/my disk", unit: "a.mount", size: 3, none: undefined });
  expect(lines[0]!.slice(25)).toBe('info mounted path="/mnt/my disk" unit=a.mount size=3\n');
});

test("T52 secrets are hidden in messages, nested fields and errors, quotes included", () => {
  const secret = 'pass"word\\1';
  const { log, lines } = capture({ redact: (text) => text.replaceAll(secret, "[redacted]") });
  log.error(`failed with ${secret}`, { deep: [{ header: `Bearer ${secret}` }], cause: new Error(secret) });
  expect(lines[0]).not.toContain("word");
  expect(lines[0]!.split("[redacted]")).toHaveLength(4);
});

test("whatever a caller puts into a field can be written", () => {
  const { log, records } = capture();
  const cycle: Record<string, unknown> = {
    big: 10n,
    run: () => 1,
    at: new Date(0),
    long: "x".repeat(20_000),
  };
  cycle["self"] = cycle;
  log.info("odd {values}", cycle);
  expect(records()[0]).toMatchObject({ message: "odd {values}", big: "10" });
  expect(JSON.stringify(records()[0]).length).toBeLessThan(100_000);
});

test("auto is text where a person looks on, and JSON for pipes and the journal", () => {
  const onTerminal = capture({ format: "auto", isTerminal: true });
  onTerminal.log.info("Stopping.", { signal: "SIGINT" });
  expect(onTerminal.lines[0]).toMatch(/^\S+Z info Stopping\. signal=SIGINT\n$/);
  const piped = capture({ format: "auto", isTerminal: false });
  piped.log.info("Stopping.");
  expect(piped.records()[0]).toMatchObject({ message: "Stopping." });
});
