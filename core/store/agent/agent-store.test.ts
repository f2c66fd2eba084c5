import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TargetState, TimeMark } from "../../domain/problem.ts";
import { modeOf, testFolder } from "../../testing/test-folder.ts";
import { thrown } from "../../testing/thrown.ts";
import { gapBody } from "../../wire/report.ts";
import { openConnection } from "../connection.ts";
import { MAX_EVIDENCE_BYTES } from "./evidence.repository.ts";
import { agentMigrations } from "./schema.ts";
import { START, testId, testIntent, testProblem, testStore } from "./test-store.ts";
import { createPluginValues } from "./values.repository.ts";

describe("transactions", () => {
  test("are undone as a whole, an inner one alone", () => {
    const store = testStore();
    store.transaction(() => {
      store.meta.set("kept", 1);
      expect(
        thrown(() =>
          store.transaction(() => {
            store.meta.set("lost", 1);
            throw new Error("inner");
          }),
        )?.message,
      ).toBe("inner");
    });
    expect([store.meta.get<number>("kept"), store.meta.get<number>("lost")]).toEqual([1, null]);
    thrown(() =>
      store.transaction(() => {
        store.meta.set("kept", 2);
        throw new Error("outer");
      }),
    );
    expect(store.meta.get<number>("kept")).toBe(1);
  });

  test("refuse work that waits for something", () => {
    const store = testStore();
    expect(thrown(() => store.transaction(async () => store.meta.set("a", 1)))?.code).toBe(
      "store.async_transaction",
    );
    expect(store.meta.get<number>("a")).toBeNull();
  });

  test("survive closing and opening; a closed store says so", () => {
    const path = join(testFolder(), "agent.db");
    const first = testStore(path);
    first.transaction(() => first.meta.set("name", { text: "ü" }));
    first.close();
    first.close();
    expect(thrown(() => first.meta.get("name"))?.code).toBe("store.closed");
    const second = testStore(path);
    expect(second.meta.get<{ text: string }>("name")).toEqual({ text: "ü" });
    second.close();
    expect(modeOf(statSync(path))).toBe("600");
  });
});

describe("values", () => {
  test("of plugins are kept apart by scope and limited in size", () => {
    const { pluginValues } = testStore();
    pluginValues.set("disk/main", "seen", [1, 2]);
    pluginValues.set("disk/other", "seen", null);
    pluginValues.set("disk/main", "b", true);
    expect(pluginValues.get<number[]>("disk/main", "seen")).toEqual([1, 2]);
    expect(pluginValues.keys("disk/main")).toEqual(["b", "seen"]);
    pluginValues.delete("disk/main", "seen");
    expect(pluginValues.get<number[]>("disk/main", "seen")).toBeNull();
    const tooLarge = "x".repeat(64 * 1024);
    expect(thrown(() => pluginValues.set("disk/main", "b", tooLarge))?.code).toBe("store.value_too_large");
    expect(pluginValues.get<boolean>("disk/main", "b")).toBe(true);
  });

  test("T91 copies that an older program kept in plain text are overwritten when the tables are changed", () => {
    const path = join(testFolder(), "agent.db");
    const older = openConnection(path, agentMigrations.slice(0, 3));
    const values = createPluginValues(older);
    values.set("config-restore~web", "copies:ab:0", "canary-password-41c7");
    values.set("disk~default", "seen", "kept");
    older.close();
    expect(readFileSync(path).includes("canary-password-41c7")).toBe(true);
    const store = testStore(path);
    expect(store.pluginValues.get<string>("disk~default", "seen")).toBe("kept");
    store.close();
    expect(readFileSync(path).includes("canary-password-41c7")).toBe(false);
  });
});

describe("targets and problems", () => {
  test("a target's state is replaced, not added to", () => {
    const { targets } = testStore();
    const state: TargetState = {
      check: "fs_space",
      instance: "main",
      target: "/var",
      status: "warning",
      summary: "/var is 91 % full",
      badSince: { wall: START, bootId: "boot", mono: 12.5 },
      okSince: null,
      problemId: null,
      changes: [true, false],
      flapping: false,
      backoffSteps: 0,
      lastAt: START,
    };
    targets.put(state);
    targets.put({ ...state, status: "ok", badSince: null });
    expect(targets.all()).toEqual([{ ...state, status: "ok", badSince: null }]);
    targets.remove("fs_space", "main", "/var");
    expect(targets.all()).toEqual([]);
  });

  test("problems are found open, by state and page by page", () => {
    const { problems } = testStore();
    for (let n = 1; n <= 4; n += 1)
      problems.put(testProblem(n, n === 2 ? { state: "resolved", resolvedAt: START } : {}));
    expect(problems.get(testId(3))).toEqual(testProblem(3));
    expect(problems.get(testId(99))).toBeNull();
    expect(problems.open().map((problem) => problem.id)).toEqual([1, 3, 4].map(testId));
    expect(problems.find({ id: testId(2), state: "open" })).toEqual([]);
    for (const id of [testId(3), testId(3).slice(-8)])
      expect(problems.find({ id, limit: 2, state: "open" }).map((problem) => problem.id)).toEqual([
        testId(3),
      ]);
    expect(problems.find({ limit: 2 }).map((problem) => problem.id)).toEqual([4, 3].map(testId));
    expect(problems.find({ before: testId(3), state: "open" }).map((problem) => problem.id)).toEqual([
      testId(1),
    ]);
  });
});

describe("intents", () => {
  test("walk their states with one ledger entry per step", async () => {
    const { intents, ledger, clock } = testStore();
    intents.create(testIntent(1));
    clock.at = START + 5000;
    intents.move(testId(1), "approved", { expiresAt: START + 9 }, "human:ann");
    intents.move(testId(1), "executing", {});
    intents.patch(testId(1), { outcome: [{ step: "apply", ok: true, summary: "started", at: clock.at }] });
    intents.move(testId(1), "verifying", {});
    const done = intents.move(testId(1), "verified", { watchUntil: START + 99 });
    expect(done).toMatchObject({ state: "verified", updatedAt: START + 5000, finishedAt: START + 5000 });
    expect(intents.get(testId(1))).toEqual(done);
    const entries = ledger.read(0, 10);
    expect(entries.map((entry) => [entry.seq, entry.kind, entry.actor])).toEqual([
      [1, "intent.proposed", "engine"],
      [2, "intent.approved", "human:ann"],
      [3, "intent.executing", "engine"],
      [4, "intent.verifying", "engine"],
      [5, "intent.verified", "engine"],
    ]);
    const payloads = entries.map((entry) =>
      JSON.parse(new TextDecoder().decode(entry.payload ?? new Uint8Array())),
    );
    expect(payloads[0]).toEqual(testIntent(1));
    expect(payloads[4]).toMatchObject({
      from: "verifying",
      state: "verified",
      outcome: [{ summary: "started" }],
    });
    expect(await ledger.verify()).toEqual({ entries: 5, fault: null });
  });

  test("an illegal step changes neither the row nor the ledger", () => {
    const { intents, ledger } = testStore();
    intents.create(testIntent(1));
    const error = thrown(() => intents.move(testId(1), "verified", { summary: "changed" }));
    expect(error?.code).toBe("intent.illegal_step");
    expect(error?.message).toContain("is proposed and can't become verified");
    expect(intents.get(testId(1))).toEqual(testIntent(1));
    expect(ledger.head()?.size).toBe(1);
    expect(thrown(() => intents.move(testId(2), "approved", {}))?.code).toBe("intent.not_found");
    expect(thrown(() => intents.create(testIntent(1)))?.code).toBe("intent.exists");
    expect(ledger.head()?.size).toBe(1);
  });

  test("a step that is rolled back leaves no entry", async () => {
    const { intents, ledger, transaction } = testStore();
    intents.create(testIntent(1));
    thrown(() =>
      transaction(() => {
        intents.move(testId(1), "approved", {});
        throw new Error("crash");
      }),
    );
    expect(intents.get(testId(1))?.state).toBe("proposed");
    expect(await ledger.verify()).toEqual({ entries: 1, fault: null });
  });

  test("a patch changes data, never identity, kind or state", () => {
    const { intents } = testStore();
    intents.create(testIntent(1));
    const patched = intents.patch(testId(1), {
      id: testId(9),
      kind: "note",
      state: "verified",
      summary: "new",
    });
    expect(patched).toMatchObject({ id: testId(1), kind: "repair", state: "proposed", summary: "new" });
  });

  test("are found by every filter, newest first", () => {
    const { intents } = testStore();
    intents.create(testIntent(1));
    intents.create(testIntent(2, { level: "L2", target: "/var", repair: "clean", problemId: testId(7) }));
    const note = { kind: "note" as const, repair: null, target: null, category: "network", problemId: null };
    intents.create(testIntent(3, { ...note, summary: "Switch replaced", text: "ÄRGER mit 100% Last" }));
    intents.create(testIntent(4, { state: "approved" }));
    const ids = (filter: Parameters<typeof intents.find>[0]) =>
      intents.find(filter).map((intent) => Number(intent.id.slice(-2)));
    expect(ids({})).toEqual([4, 3, 2, 1]);
    expect(ids({ state: ["proposed"] })).toEqual([3, 2, 1]);
    expect(ids({ state: ["proposed"], id: testId(2) })).toEqual([2]);
    expect(ids({ id: testId(2).slice(-8), limit: 1 })).toEqual([2]);
    expect(ids({ id: testId(2).slice(0, 8) })).toEqual([4, 3, 2, 1]);
    expect(ids({ id: testId(2).slice(1, -1) })).toEqual([]);
    expect(ids({ state: ["approved", "proposed"], kind: ["repair"] })).toEqual([4, 2, 1]);
    expect(ids({ state: [] })).toEqual([]);
    expect(ids({ level: ["L2"] })).toEqual([2]);
    expect(ids({ problemId: testId(7) })).toEqual([2]);
    expect(ids({ target: "/var" })).toEqual([2]);
    expect(ids({ repair: "clean" })).toEqual([2]);
    expect(ids({ category: "network" })).toEqual([3]);
    expect(ids({ text: "ärger" })).toEqual([3]);
    expect(ids({ text: "100%" })).toEqual([3]);
    expect(ids({ text: "%" })).toEqual([3]);
    expect(ids({ text: "switch REPLACED" })).toEqual([3]);
    expect(ids({ since: START + 2, until: START + 3 })).toEqual([3, 2]);
    expect(ids({ before: testId(3), limit: 1 })).toEqual([2]);
    expect(intents.statistics(START + 2)).toEqual([
      { kind: "note", level: "L1", state: "proposed", count: 1 },
      { kind: "repair", level: "L1", state: "approved", count: 1 },
      { kind: "repair", level: "L2", state: "proposed", count: 1 },
    ]);
  });
});

describe("attempts and breakers", () => {
  test("an attempt ends by being put again", () => {
    const { attempts } = testStore();
    const attempt = {
      intentId: testId(1),
      problemFingerprint: "f",
      check: "service",
      target: "nginx.service",
      repair: "restart_unit",
      startedAt: START,
      bootId: "boot",
      monoMs: 17.25,
      outcome: "running" as const,
      endedAt: null,
    };
    attempts.put(attempt);
    attempts.put({ ...attempt, intentId: testId(2), startedAt: START - 10 });
    expect(attempts.running().map((row) => row.intentId)).toEqual([2, 1].map(testId));
    attempts.put({ ...attempt, outcome: "interrupted", endedAt: START + 1 });
    expect(attempts.since("f", START)).toEqual([{ ...attempt, outcome: "interrupted", endedAt: START + 1 }]);
    expect(attempts.running()).toHaveLength(1);
  });

  test("T116 attempts within a time are counted by the clock of their boot, those of another boot by the wall clock and by this boot's age", () => {
    const { attempts } = testStore();
    const put = (n: number, bootId: string, monoMs: number, startedAt: number) =>
      attempts.put({
        intentId: testId(n),
        problemFingerprint: `f${n}`,
        check: "service",
        target: "t",
        repair: "r",
        startedAt,
        bootId,
        monoMs,
        outcome: "success",
        endedAt: null,
      });
    put(1, "now", 9_500, START - 86_400_000);
    put(2, "now", 8_000, START);
    put(3, "before", 9_900, START - 500);
    put(4, "before", 9_900, START - 1500);
    const now = { wall: START, bootId: "now", mono: 10_000 };
    const counted = (mark: TimeMark) => attempts.successesWithin(mark, 1000).map((one) => one.intentId);
    // This boot is older than the time that is asked about: whatever the wall clock says, those before it are.
    expect(counted(now)).toEqual([testId(1)]);
    const third = { wall: START, bootId: "third", mono: 400 };
    expect(counted(third)).toEqual([3, 2].map(testId));
    expect(attempts.countWithin(third, 1000)).toBe(2);
    expect(attempts.within(third, 1000)).toHaveLength(2);
    expect(attempts.byRepair()).toEqual([
      { repair: "r", attempts: 4, successes: 4, failures: 0, lastAt: START },
    ]);
  });

  test("a breaker is there until it is removed", () => {
    const { breakers } = testStore();
    const opened = { wall: START, bootId: "boot", mono: 17.25 };
    breakers.put("f", START + 100, opened);
    breakers.put("f", START + 200, opened);
    expect(breakers.get("f")).toEqual({ until: START + 200, opened });
    expect(breakers.all()).toHaveLength(1);
    breakers.remove("f");
    expect(breakers.get("f")).toBeNull();
  });
});

describe("evidence", () => {
  const bundle = { id: testId(1), problemId: testId(5), intentId: null, takenAt: START };

  test("is kept compressed and comes back as it was", () => {
    const { evidence } = testStore();
    const parts = { journal: "line\n".repeat(20_000), ss: "missing: took over 250 ms" };
    const stored = evidence.put({ ...bundle, parts });
    expect(stored.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(evidence.get(testId(1))).toEqual({ ...bundle, parts, sha256: stored.sha256 });
    expect(evidence.forProblem(testId(5))).toEqual([
      { id: testId(1), takenAt: START, sha256: stored.sha256 },
    ]);
    expect(evidence.get(testId(2))).toBeNull();
  });

  test("over 1 MiB loses the middle of its largest parts, and small parts stay whole", () => {
    const { evidence } = testStore();
    const parts = { big: `begin ${"ü".repeat(900_000)} end`, small: "whole", other: "x".repeat(400_000) };
    const stored = evidence.put({ ...bundle, parts });
    const bytes = Object.values(stored.parts).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    expect(bytes).toBeLessThanOrEqual(MAX_EVIDENCE_BYTES);
    expect(bytes).toBeGreaterThan(MAX_EVIDENCE_BYTES * 0.99);
    expect(Object.keys(stored.parts)).toEqual(["big", "small", "other"]);
    expect([stored.parts.small, stored.parts.other]).toEqual([parts.small, parts.other]);
    expect(stored.parts.big).toMatch(/^begin ü+\n\[… shortened from 1800010 bytes …\]\nü+ end$/);
  });
});

describe("inspections, pauses, maintenance", () => {
  test("are kept and found", () => {
    const { inspections, pausedChecks, maintenance } = testStore();
    const row = {
      id: testId(1),
      check: "load",
      instance: "main",
      trigger: "schedule" as const,
      startedAt: START,
      durationMs: 1.75,
      status: "ok",
      counts: { ok: 2 },
      error: null,
    };
    inspections.add(row);
    inspections.add({ ...row, id: testId(2), check: "disk", error: "took over 10 s" });
    expect(inspections.find({}).map((found) => found.id)).toEqual([2, 1].map(testId));
    expect(inspections.find({ check: "load", before: testId(2) })).toEqual([row]);

    pausedChecks.put("load", "main", START, null, "ann");
    pausedChecks.put("load", "main", START, START + 5, "bob");
    expect(pausedChecks.all()).toEqual([
      { check: "load", instance: "main", since: START, until: START + 5, actor: "bob" },
    ]);
    pausedChecks.remove("load", "main");
    expect(pausedChecks.all()).toEqual([]);

    const window = {
      id: testId(1),
      check: "*",
      target: "/var",
      from: START,
      until: START + 1,
      reason: "new disk",
      actor: "ann",
    };
    maintenance.put(window);
    expect(maintenance.all()).toEqual([window]);
    maintenance.remove(window.id);
    expect(maintenance.all()).toEqual([]);
  });
});

describe("spool", () => {
  const limits = { inspectionsBefore: 0, problemsBefore: 0, evidenceBefore: 0, maxSpoolRows: 100 };

  test("keeps order, and never gives a number twice", () => {
    const { spool } = testStore();
    const numbers = [1, 2, 3].map((n) => spool.push("report", testId(n), START + n, `{"n":${n}}`));
    expect(numbers).toEqual([1, 2, 3]);
    expect(spool.size()).toEqual({ rows: 3, oldestAt: START + 1 });
    spool.acknowledge(2);
    expect(spool.peek(10)).toEqual([
      { seq: 3, id: testId(3), type: "report", at: START + 3, body: '{"n":3}' },
    ]);
    spool.acknowledge(3);
    expect(spool.size()).toEqual({ rows: 0, oldestAt: null });
    expect(spool.push("report", testId(4), START, "{}")).toBe(4);
  });

  test("thins the oldest reports, declares them, and drops no fact", () => {
    const { spool, prune } = testStore();
    for (let n = 1; n <= 200; n += 1)
      spool.push(n % 10 === 0 ? "problem" : "report", testId(n), START + n * 1000, "{}");
    expect(prune(limits).spool).toBe(111);
    const rows = spool.peek(1000);
    expect(rows).toHaveLength(90);
    expect(rows.filter((row) => row.type === "problem")).toHaveLength(20);
    const gap = rows.at(-1);
    expect([gap?.type, gap?.seq]).toEqual(["gap", 201]);
    expect(gapBody.parse(JSON.parse(gap?.body ?? ""))).toMatchObject({
      count: 111,
      from: "2026-11-05T10:00:01.000Z",
    });
    expect(prune(limits).spool).toBe(0);
  });

  test("keeps every second of the oldest reports when that is enough", () => {
    const { spool, prune } = testStore();
    for (let n = 1; n <= 101; n += 1) spool.push("report", testId(n), START + n, "{}");
    expect(prune(limits).spool).toBe(12);
    expect(spool.peek(4).map((row) => row.seq)).toEqual([2, 4, 6, 8]);
  });

  test("holds more than the limit when all of it are facts", () => {
    const { spool, prune } = testStore();
    for (let n = 1; n <= 150; n += 1) spool.push("intent", testId(n), START, "{}");
    expect(prune(limits).spool).toBe(0);
    expect(spool.size().rows).toBe(150);
  });
});

describe("prune", () => {
  test("removes what is past its time, but nothing that an open problem needs", () => {
    const { prune, problems, evidence, inspections, intents } = testStore();
    problems.put(testProblem(1));
    problems.put(testProblem(2, { state: "resolved", resolvedAt: START }));
    problems.put(testProblem(3, { state: "resolved", resolvedAt: START + 50 }));
    const part = { intentId: null, takenAt: START, parts: { a: "b" } };
    evidence.put({ ...part, id: testId(1), problemId: testId(1) });
    evidence.put({ ...part, id: testId(2), problemId: testId(2) });
    inspections.add({
      id: testId(1),
      check: "load",
      instance: "main",
      trigger: "start",
      startedAt: START,
      durationMs: 1,
      status: "ok",
      counts: {},
      error: null,
    });
    intents.create(testIntent(1));
    const before = START + 10;
    const limits = {
      inspectionsBefore: before,
      problemsBefore: before,
      evidenceBefore: before,
      maxSpoolRows: 10,
    };
    expect(prune(limits)).toEqual({
      inspections: 1,
      problems: 1,
      attempts: 0,
      maintenance: 0,
      evidence: 1,
      spool: 0,
    });
    expect(problems.find({}).map((problem) => problem.id)).toEqual([3, 1].map(testId));
    expect(evidence.get(testId(1))).not.toBeNull();
    expect(intents.get(testId(1))).not.toBeNull();
  });
});

test("a store in memory writes no file", async () => {
  const store = testStore();
  store.ledger.append("note", "ann", { text: "hello" });
  store.ledger.checkpoint();
  expect(await store.ledger.verify()).toEqual({ entries: 1, fault: null });
  expect(existsSync("checkpoints.log")).toBe(false);
});
