/**
 * Golden cases: a folder per thing that happened on some host.
 * `testcases/<what-happened>/case.yaml` + `root/…` → `expected.json` or `expected.error`.
 * `UPDATE_GOLDEN=1 bun test plugins/x` rewrites what is expected; the diff is the review.
 */
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDuration } from "cortex";
import type { Check, Exec, HostFs, NodeFacts, PluginDefinition, Status } from "cortex";
import { parse } from "yaml";
import * as z from "zod";
import { createTestContext, isSkipped, runCheck } from "./context.ts";
import { createFakeExec } from "./fake-exec.ts";
import { createRootFs } from "./root-fs.ts";
import { createTestClock } from "./test-clock.ts";

const time = z.union([z.number(), z.string()]).transform((value, context) => {
  const ms = parseDuration(String(value));
  if (ms === null) context.addIssue("must be a duration");
  return ms ?? 0;
});
const answer = z.strictObject({
  stdout: z.string().optional(),
  stderr: z.string().optional(),
  exitCode: z.number().nullable().optional(),
  timedOut: z.boolean().optional(),
  truncated: z.boolean().optional(),
  durationMs: z.number().optional(),
  error: z.enum(["exec.not_found", "exec.denied"]).optional(),
});
const commands = z.record(z.string(), z.union([answer, z.array(answer), z.array(z.string())]));

const caseFile = z.strictObject({
  /** What this case is about, for its reader. */
  about: z.string().optional(),
  config: z.unknown().prefault({}),
  instance: z.string().optional(),
  /** Wall time of the first reading, ISO 8601. */
  now: z.string().optional(),
  uptime: time.prefault("1h"),
  readings: z
    .array(
      z.strictObject({
        root: z.string().prefault("root"),
        at: time.prefault("0"),
        exec: commands.optional(),
      }),
    )
    .min(1)
    .prefault([{}]),
  exec: commands.prefault({}),
  previous: z.record(z.string(), z.enum(["ok", "warning", "critical", "unknown"])).prefault({}),
  oneShot: z.boolean().prefault(false),
  /** Only these checks; default all. */
  checks: z.array(z.string()).optional(),
  node: z.record(z.string(), z.unknown()).prefault({}),
});
type GoldenCase = z.infer<typeof caseFile>;

/** The HostFs of the reading that is being taken. */
function createSwitch(first: HostFs): HostFs & { use(fs: HostFs): void } {
  let current = first;
  return {
    use: (fs) => void (current = fs),
    readText: (path) => current.readText(path),
    readTextIfPresent: (path) => current.readTextIfPresent(path),
    list: (path) => current.list(path),
    exists: (path) => current.exists(path),
    stat: (path) => current.stat(path),
    readLink: (path) => current.readLink(path),
    usage: (path, timeoutMs) => current.usage(path, timeoutMs),
  };
}

async function readOnce(checks: Check[], golden: GoldenCase, run: Parameters<typeof runCheck>[1]) {
  const results: unknown[] = [];
  const skipped: unknown[] = [];
  for (const check of checks) {
    const options = { previous: golden.previous as Record<string, Status>, oneShot: golden.oneShot };
    for (const entry of await runCheck(check, run, options)) {
      if (isSkipped(entry))
        skipped.push({
          check: check.name,
          ...(entry.target && { target: entry.target }),
          reason: entry.skipped,
        });
      else results.push({ check: check.name, ...entry });
    }
  }
  return { results, skipped };
}

/** What the plugin says at the last reading of a case. */
async function play(plugin: PluginDefinition, folder: string, golden: GoldenCase): Promise<unknown> {
  const clock = createTestClock({
    monotonic: golden.uptime,
    ...(golden.now === undefined ? {} : { now: Date.parse(golden.now) }),
  });
  const fs = createSwitch(createRootFs(join(folder, golden.readings[0]!.root), clock));
  const execs = golden.readings.map((reading) => createFakeExec({ ...golden.exec, ...reading.exec }));
  let reading = 0;
  const exec: Exec = {
    run: (argv, options) => execs[reading]!.run(argv, options),
    which: (name) => execs[reading]!.which(name),
  };
  const ctx = createTestContext({
    plugin,
    instance: golden.instance,
    clock,
    fs,
    exec,
    node: golden.node as Partial<NodeFacts>,
  });
  const hooks = plugin.setup(ctx, plugin.config.parse(golden.config));
  const checks = (hooks.checks ?? []).filter((check) => golden.checks?.includes(check.name) ?? true);
  let outcome: unknown;
  let elapsed = 0;
  for (const [index, { root, at }] of golden.readings.entries()) {
    await clock.advance(at - elapsed);
    elapsed = at;
    reading = index;
    fs.use(createRootFs(join(folder, root), clock));
    outcome = await readOnce(checks, golden, ctx);
    const unexpected = execs[index]!.unexpected;
    if (unexpected.length > 0) throw new Error(`unlisted command: ${unexpected.join("; ")}`);
  }
  await hooks.stop?.();
  return JSON.parse(JSON.stringify(outcome));
}

/** `code: message`, or one line per problem of a config. */
function errorText(error: unknown): string {
  if (error instanceof z.ZodError)
    return error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n");
  const { code, message } = error as { code?: string; message: string };
  return code ? `${code}: ${message}` : message;
}

async function compare(plugin: PluginDefinition, folder: string): Promise<void> {
  const golden = caseFile.parse(existsSync(join(folder, "case.yaml")) ? readCase(folder) : {});
  const jsonFile = join(folder, "expected.json");
  const errorFile = join(folder, "expected.error");
  const outcome = await play(plugin, folder, golden).then(
    (value) => ({ value, error: null }),
    (error: unknown) => ({ value: null, error: errorText(error) }),
  );
  if (process.env["UPDATE_GOLDEN"] === "1") {
    const [file, other, text] =
      outcome.error === null
        ? [jsonFile, errorFile, JSON.stringify(outcome.value, null, 2)]
        : [errorFile, jsonFile, outcome.error];
    writeFileSync(file, `${text}\n`);
    rmSync(other, { force: true });
    return;
  }
  if (existsSync(errorFile)) expect(outcome.error).toBe(readFileSync(errorFile, "utf8").trimEnd());
  else {
    expect(outcome.error).toBeNull();
    expect(outcome.value).toEqual(JSON.parse(readFileSync(jsonFile, "utf8")));
  }
}

const readCase = (folder: string): unknown => parse(readFileSync(join(folder, "case.yaml"), "utf8")) ?? {};

/** Register one test per folder below `dir/testcases`. */
export function goldenCases(plugin: PluginDefinition, dir: string): void {
  const base = join(dir, "testcases");
  const names = existsSync(base)
    ? readdirSync(base, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    : [];
  describe(`${plugin.name}: golden cases`, () => {
    test("there is at least one", () => expect(names.length).toBeGreaterThan(0));
    for (const { name } of names) test(name.replaceAll("-", " "), () => compare(plugin, join(base, name)));
  });
}
