import { describe, expect, test } from "bun:test";
import { backupName, type BackupReason, type KeepRules, removable } from "./backup.ts";

const HOUR = 3_600_000;
const RULES: KeepRules = { hours: 24, days: 7, weeks: 4, migrations: 2 };
const START = Date.UTC(2026, 0, 5);

const at = (hours: number, reason: BackupReason = "scheduled", sound = true) => {
  const createdAt = START + hours * HOUR;
  return { name: backupName(createdAt), createdAt, reason, sound };
};
const keptOf = (all: ReturnType<typeof at>[], rules = RULES) => {
  const gone = new Set(removable(all, rules));
  return all.filter(({ name }) => !gone.has(name));
};

describe("of hourly backups over a quarter of a year", () => {
  const all = Array.from({ length: 24 * 90 }, (_, hour) => at(hour));
  const kept = keptOf(all);

  test("the last 24 hours, 7 days and 4 weeks are kept", () => {
    const ages = kept.map(({ createdAt }) => (all.at(-1)!.createdAt - createdAt) / HOUR).toReversed();
    expect(ages.slice(0, 24)).toEqual(Array.from({ length: 24 }, (_, hour) => hour));
    // The newest of six further days, then of the weeks before.
    expect(ages.slice(24, 30)).toEqual([24, 48, 72, 96, 120, 144]);
    expect(kept.length).toBeLessThanOrEqual(24 + 7 + 4);
    expect(ages.at(-1)!).toBeGreaterThan(14 * 24);
  });

  test("removing as one goes along keeps the same", () => {
    let running: typeof all = [];
    for (const one of all) running = keptOf([...running, one]);
    expect(running).toEqual(kept);
  });
});

test("the last good backup is never removed, however many bad ones follow", () => {
  const good = at(0);
  const bad = Array.from({ length: 100 }, (_, hour) => at(hour + 1, "scheduled", false));
  const kept = keptOf([good, ...bad], { hours: 1, days: 1, weeks: 1, migrations: 1 });
  expect(kept).toContain(good);
  // The first and the newest of the bad ones say since when it is so.
  expect(kept).toEqual([good, bad[0]!, bad.at(-1)!]);
});

test("backups made before migrations are counted apart", () => {
  const migrations = [at(1, "migration"), at(2, "migration"), at(3, "migration")];
  expect(keptOf([at(0), ...migrations])).toEqual([at(0), migrations[1]!, migrations[2]!]);
});

test("where nothing is to be kept, the newest stays all the same", () => {
  const none = { hours: 0, days: 0, weeks: 0, migrations: 0 };
  expect(keptOf([at(0), at(1), at(2)], none)).toEqual([at(2)]);
});

test("one that somebody asked for is kept for a day, however many follow", () => {
  const asked = at(0, "asked");
  const soon = { ...at(0.1), name: "soon" };
  expect(keptOf([asked, soon])).toEqual([asked, soon]);
  const later = Array.from({ length: 48 }, (_, hour) => at(hour + 1));
  expect(keptOf([asked, soon, ...later])).not.toContain(asked);
});
