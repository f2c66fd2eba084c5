import { describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { modeOf, testFolder } from "../../testing/test-folder.ts";
import { thrown } from "../../testing/thrown.ts";
import { openDatabase } from "../sqlite.ts";
import { createMetricsStore } from "./create-metrics-store.ts";
import type { MetricsOptions } from "./metrics-store.ts";
import { matches } from "./query.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 5, 10, 0, 0);

function testStore(options: Partial<MetricsOptions> = {}, path = ":memory:") {
  const clock = { at: START };
  const store = createMetricsStore(path, {
    now: () => clock.at,
    rawMs: 48 * HOUR,
    rollupMs: 90 * 24 * HOUR,
    budgetBytes: 2 ** 30,
    ...options,
  });
  return { ...store, clock };
}

/** A day of reports by two nodes with 60 series of noise each, in one transaction. */
function fill(store: ReturnType<typeof testStore>): void {
  const noise = (seed: number) => Math.abs(Math.sin(seed) * 10_000) % 1;
  store.transaction(() => {
    for (let step = 0; step < 8 * 60; step += 1) {
      store.clock.at = START + step * 3 * MINUTE;
      const samples = Array.from(
        { length: 60 },
        (_, index) => [`m${index}`, noise(step * 60 + index)] as const,
      );
      store.append(`n_${step % 2}`, store.clock.at, Object.fromEntries(samples));
    }
  });
}

const only = (found: ReturnType<ReturnType<typeof testStore>["query"]>) => {
  expect(found).toHaveLength(1);
  return found[0]!;
};

describe("reports", () => {
  test("come back as they were, by name and time", () => {
    const store = testStore();
    const samples = {
      "fs_space:/var:fs.used_ratio": 0.912,
      "fs_space:/:fs.used_ratio": 0.5,
      "load:host:load.1m": 1.25,
    };
    expect(store.append("n_a", START, samples)).toBe(3);
    store.append("n_a", START + 15_000, { ...samples, "fs_space:/var:fs.used_ratio": 0.913 });
    store.append("n_b", START, { "load:host:load.1m": 9 });
    expect(store.query("n_a", ["fs_space:*"], START, START + 15_000, "raw")).toEqual([
      {
        series: "fs_space:/:fs.used_ratio",
        points: [
          [START, 0.5],
          [START + 15_000, 0.5],
        ],
        band: null,
      },
      {
        series: "fs_space:/var:fs.used_ratio",
        points: [
          [START, 0.912],
          [START + 15_000, 0.913],
        ],
        band: null,
      },
    ]);
    expect(only(store.query("n_b", ["*"], START, START, "raw")).points).toEqual([[START, 9]]);
    expect(store.query("n_c", ["*"], START, START, "raw")).toEqual([]);
    expect(store.query("n_a", ["nothing*"], START, START, "auto")).toEqual([]);
    expect(store.seriesOf("n_a")).toEqual(Object.keys(samples).sort());
    expect(store.seriesOf("n_c")).toEqual([]);
  });

  test("that come twice count once, and values that are no numbers are left out", () => {
    const store = testStore();
    expect(store.append("n_a", START, { a: 1, b: Number.NaN, c: Number.POSITIVE_INFINITY })).toBe(1);
    expect(store.append("n_a", START, { a: 5 })).toBe(0);
    expect(only(store.query("n_a", ["*"], START, START, "5m")).band).toEqual([[1, 1]]);
  });

  test("that come late, between others or from a clock that was wrong, are all readable", () => {
    const store = testStore();
    const order = [0, 5, 3, 6, 1, 7, 2000, 8, 9, 4, 10, 2];
    for (const minute of order) {
      store.clock.at = START + 10 * MINUTE;
      store.append("n_a", START + minute * MINUTE, { a: minute, [`only${minute}`]: 1 });
    }
    const { points } = only(store.query("n_a", ["a"], START, START + 3000 * MINUTE, "raw"));
    const values = points.filter(([, value]) => value !== null);
    expect(values.map(([at, value]) => [(at - START) / MINUTE, value])).toEqual(
      order.toSorted((a, b) => a - b).map((minute) => [minute, minute]),
    );
  });

  test("of a node with too many names keep the first ones", () => {
    const store = testStore({ maxSeriesPerNode: 3 });
    const samples = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`s${index}`, index]));
    expect(store.append("n_a", START, samples)).toBe(3);
    expect(store.append("n_a", START + 1, samples)).toBe(3);
    expect(store.append("n_b", START, samples)).toBe(3);
    expect(store.seriesOf("n_a")).toEqual(["s0", "s1", "s2"]);
  });
});

describe("roll-ups", () => {
  test("hold mean, minimum and maximum of five minutes; the last value of counters", () => {
    const store = testStore();
    for (let step = 0; step < 40; step += 1)
      store.append("n_a", START + step * 15_000, { load: step % 20, net_bytes_total: 1000 + step });
    const [load, bytes] = store.query("n_a", ["*"], START, START + HOUR, "5m");
    expect(load).toEqual({
      series: "load",
      points: [
        [START, 9.5],
        [START + 5 * MINUTE, 9.5],
      ],
      band: [
        [0, 19],
        [0, 19],
      ],
    });
    expect(bytes?.points).toEqual([
      [START, 1019],
      [START + 5 * MINUTE, 1039],
    ]);
  });

  test("are the same after a crash in the middle of a bucket, and with late reports", () => {
    const run = (crashAfter: number | null) => {
      const path = join(testFolder(), "metrics.db");
      let store = testStore({}, path);
      const order = [0, 1, 2, 9, 3, 4, 10, 5, 6, 7, 8, 11];
      for (const [index, minute] of order.entries()) {
        store.append("n_a", START + minute * MINUTE, { a: minute + 0.5, b_total: minute });
        if (index === crashAfter) store = testStore({}, path);
      }
      const found = store.query("n_a", ["*"], START, START + HOUR, "5m");
      store.close();
      const again = testStore({}, path);
      expect(again.query("n_a", ["*"], START, START + HOUR, "5m")).toEqual(found);
      again.close();
      return found;
    };
    const whole = run(null);
    expect(whole[0]?.points).toEqual([
      [START, 2.5],
      [START + 5 * MINUTE, 7.5],
      [START + 10 * MINUTE, 11],
    ]);
    for (const crashAfter of [0, 2, 3, 4, 6, 10]) expect(run(crashAfter)).toEqual(whole);
  });

  test("take the place of reports that are past their retention", () => {
    const store = testStore({ rawMs: 2 * HOUR });
    for (let minute = 0; minute < 6 * 60; minute += 1) {
      store.clock.at = START + minute * MINUTE;
      store.append("n_a", store.clock.at, { a: minute });
    }
    const removed = store.enforceBudget();
    expect(removed.raw).toBeGreaterThan(3 * 60);
    expect(removed.rollup).toBe(0);
    expect(store.query("n_a", ["a"], START, START + HOUR, "raw")).toEqual([]);
    expect(only(store.query("n_a", ["a"], START, START + 6 * HOUR, "auto")).points).toHaveLength(72);
    const recent = only(store.query("n_a", ["a"], START + 5 * HOUR, START + 6 * HOUR, "auto"));
    expect([recent.points.length, recent.band]).toEqual([60, null]);
    store.append("n_a", store.clock.at + 1000, { a: 1 });
    expect(
      only(store.query("n_a", ["a"], store.clock.at, store.clock.at + MINUTE, "raw")).points,
    ).toHaveLength(2);
  });
});

describe("queries", () => {
  test("give points at the distance that was asked for", () => {
    const store = testStore();
    store.clock.at = START + HOUR;
    for (let second = 0; second < 3600; second += 15)
      store.append("n_a", START + second * 1000, { a: second });
    const of = (resolution: number) =>
      only(store.query("n_a", ["a"], START + 1000, START + HOUR - 1, resolution));
    expect(of(MINUTE).points).toHaveLength(60);
    expect(of(MINUTE).points.slice(0, 2)).toEqual([
      [START, 22.5],
      [START + MINUTE, 82.5],
    ]);
    expect(of(MINUTE).band?.[0]).toEqual([0, 45]);
    expect(of(10 * MINUTE).points.map(([at]) => (at - START) / MINUTE)).toEqual([0, 10, 20, 30, 40, 50]);
    expect(of(10 * MINUTE).points[0]?.[1]).toBe(292.5);
    store.clock.at = START + 90 * HOUR;
    expect(of(MINUTE).points).toHaveLength(12);
  });

  test("mark gaps by null, measured by each series' own step", () => {
    const store = testStore();
    for (const minute of [0, 1, 2, 3, 10, 11, 12, 13]) {
      const samples: Record<string, number> = minute % 10 === 0 ? { a: minute, slow: minute } : { a: minute };
      store.append("n_a", START + minute * MINUTE, samples);
    }
    const [a, slow] = store.query("n_a", ["a", "slow"], START, START + HOUR, "raw");
    expect(a?.points.map(([at, value]) => [(at - START) / MINUTE, value])).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 3],
      [4, null],
      [10, 10],
      [11, 11],
      [12, 12],
      [13, 13],
    ]);
    expect(slow?.points).toHaveLength(2);
  });

  test("T111 patterns match whole names", () => {
    expect(matches("a:*:b", "a:x:y:b")).toBe(true);
    expect(matches("a:*:b", "a:b")).toBe(false);
    expect(matches("*", "")).toBe(true);
    expect(matches("a", "ab")).toBe(false);
    expect(matches("*b*b", "ab")).toBe(false);
    expect(matches("*b*b*", "abcbd")).toBe(true);
    expect(matches("a*a", "a")).toBe(false);
    expect(matches(`${"*a".repeat(2000)}*`, "a".repeat(1999))).toBe(false);
  });
});

describe("the file", () => {
  test("is 0600, keeps what was appended in one transaction, and undoes all of one that failed", () => {
    const path = join(testFolder(), "metrics.db");
    const store = testStore({}, path);
    store.append("n_a", START, { a: 1 });
    expect(
      thrown(() =>
        store.transaction(() => {
          store.append("n_a", START + 1000, { a: 2, b: 3 });
          store.append("n_b", START, { c: 1 });
          throw new Error("crash");
        }),
      )?.message,
    ).toBe("crash");
    expect(store.seriesOf("n_b")).toEqual([]);
    store.transaction(() => {
      store.append("n_a", START + 2000, { a: 4, b: 5 });
      store.append("n_b", START, { c: 1 });
    });
    store.close();
    expect(modeOf(statSync(path))).toBe("600");
    const again = testStore({}, path);
    expect(again.query("n_a", ["*"], START, START + HOUR, "raw").map((series) => series.points)).toEqual([
      [
        [START, 1],
        [START + 2000, 4],
      ],
      [[START + 2000, 5]],
    ]);
    expect(only(again.query("n_a", ["a"], START, START + HOUR, "5m")).band).toEqual([[1, 4]]);
    again.close();
  });

  for (const [budgetBytes, rollups] of [
    [250_000, "keeps roll-ups"],
    [80_000, "loses roll-ups"],
  ] as const)
    test(`of at most ${budgetBytes} bytes drops the oldest, ${rollups}, and shrinks`, () => {
      const path = join(testFolder(), "metrics.db");
      const store = testStore({ budgetBytes }, path);
      fill(store);
      expect(store.usedBytes()).toBeGreaterThan(260_000);
      const removed = store.enforceBudget();
      expect(store.usedBytes()).toBeLessThanOrEqual(budgetBytes);
      expect(removed.raw).toBeGreaterThan(0);
      expect(removed.rollup > 0).toBe(rollups === "loses roll-ups");
      expect(store.enforceBudget()).toEqual({ raw: 0, rollup: 0 });
      // What comes next is readable, also where the chain it would have continued is gone.
      store.append("n_1", store.clock.at + 1000, { m1: 0.5 });
      const newest = only(store.query("n_1", ["m1"], store.clock.at, store.clock.at + MINUTE, "raw"));
      expect(newest.points.at(-1)).toEqual([store.clock.at + 1000, 0.5]);
      store.close();
      expect(statSync(path).size).toBeLessThan(budgetBytes * 1.3);
      const db = openDatabase(path, { readonly: true });
      expect(db.query("PRAGMA freelist_count").get()).toEqual({ freelist_count: 0 });
      db.close();
    });

  test("forgets a node with all of its history, and names nobody reports any more", () => {
    const store = testStore({ rollupMs: 10 * 24 * HOUR });
    store.append("n_a", START, { a: 1, both: 1 });
    store.append("n_b", START, { b: 1, both: 1 });
    store.removeNode("n_a");
    store.removeNode("n_unknown");
    expect([store.seriesOf("n_a"), store.seriesOf("n_b")]).toEqual([[], ["b", "both"]]);
    store.clock.at = START + 13 * 24 * HOUR;
    store.append("n_b", store.clock.at, { both: 2 });
    store.enforceBudget();
    expect(store.seriesOf("n_b")).toEqual(["both"]);
    store.append("n_b", store.clock.at + 1, { both: 3, b: 4 });
    expect(
      store.query("n_b", ["*"], store.clock.at, store.clock.at + 1, "raw").map((one) => one.points.length),
    ).toEqual([1, 2]);
  });
});
