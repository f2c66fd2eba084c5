import { describe, expect, test } from "bun:test";
import { decideLevel, type LevelInput } from "./level.ts";

const input = (over: Partial<LevelInput> = {}): LevelInput => ({
  repair: "service.start",
  class: "R2",
  owner: "process:demo",
  tags: [],
  general: "act",
  autonomy: [],
  instanceLevel: undefined,
  rules: [],
  shadow: false,
  earned: null,
  isHarmless: true,
  ...over,
});

describe("level of a repair", () => {
  test.each([
    ["R0", "L1"],
    ["R1", "L1"],
    ["R2", "L1"],
    ["R3", "L2"],
    ["R4", "L2"],
  ] as const)("class %s starts at %s", (repairClass, level) => {
    expect(decideLevel(input({ class: repairClass })).level).toBe(level);
  });

  test.each(["stateful", "critical"])("an R2 on a %s target needs a decision", (tag) => {
    expect(decideLevel(input({ tags: [tag] }))).toMatchObject({ level: "L2", mode: "ask" });
  });

  test.each([
    ["unit:postgresql@15-main.service", undefined],
    ["unit:postgresql-15.service", undefined],
    ["unit:redis-server@cache.service", undefined],
    ["unit:mariadb.service", undefined],
    ["process:db", "/usr/lib/postgresql/15/bin/postgres"],
    ["process:queue", "/usr/sbin/rabbitmq-server"],
  ])("an R2 on %s needs a decision without any tag", (owner, program) => {
    const known = input({ owner, program });
    expect(decideLevel(known)).toMatchObject({ level: "L2", mode: "ask" });
    expect(decideLevel({ ...known, class: "R1" }).level).toBe("L1");
    expect(decideLevel({ ...known, tags: ["stateless"] }).level).toBe("L1");
    expect(decideLevel({ ...known, tags: ["stateless", "critical"] }).level).toBe("L2");
  });

  test.each([
    "unit:nginx.service",
    "unit:postgresql-exporter.service",
    "unit:redis-commander.service",
    "process:mysql",
  ])("an R2 on %s acts by itself", (owner) => expect(decideLevel(input({ owner })).level).toBe("L1"));

  test("the most careful autonomy counts", () => {
    expect(decideLevel(input({ autonomy: ["act", "ask"] })).mode).toBe("ask");
    expect(decideLevel(input({ autonomy: ["observe", "act"] })).mode).toBe("observe");
  });

  test("no rule lifts a host-level or data repair above a decision", () => {
    for (const repairClass of ["R3", "R4"] as const)
      expect(
        decideLevel(input({ class: repairClass, rules: [{ level: "L1", autonomy: "act" }] })).level,
      ).toBe("L2");
  });

  test("a rule makes exactly what it names more careful", () => {
    const rules = [{ owner: "process:db*", level: "L3" as const }];
    expect(decideLevel(input({ rules })).level).toBe("L1");
    expect(decideLevel(input({ rules, owner: "process:db-main" })).level).toBe("L3");
    expect(decideLevel(input({ rules, owner: null })).level).toBe("L1");
  });

  test("shadow mode only says what it would do", () => {
    expect(decideLevel(input({ class: "R1", shadow: true })).mode).toBe("shadow");
  });
});
