import { describe, expect, test } from "bun:test";
import { type Dependent, parentOf } from "./dependencies.ts";
import { commonCause, type FleetActivity, fleetBudget } from "./fleet.ts";
import { flapShare } from "./flapping.ts";
import { activeWindow } from "./maintenance.ts";

const problem = (over: Partial<Dependent>): Dependent => ({
  id: "a",
  check: "service",
  target: "demo",
  owner: "process:demo",
  dependsOn: [],
  openedAt: 10,
  severity: "critical",
  ...over,
});

describe("because of", () => {
  const mount = problem({
    id: "m",
    check: "mount_missing",
    target: "/data",
    owner: "mount:/data",
    openedAt: 5,
  });

  test("an open problem of what a target stands on explains it, by owner or by check and target", () => {
    expect(parentOf(problem({ dependsOn: ["mount:/data"] }), [mount])?.id).toBe("m");
    expect(parentOf(problem({ dependsOn: ["mount_missing:/data"] }), [mount])?.id).toBe("m");
    expect(parentOf(problem({ dependsOn: ["mount:/other"] }), [mount])).toBeNull();
  });

  test("what is only observed explains nothing", () => {
    expect(parentOf(problem({ dependsOn: ["mount:/data"] }), [{ ...mount, severity: "observe" }])).toBeNull();
  });

  test("in a circle the older problem is the parent", () => {
    const a = problem({ id: "a", dependsOn: ["mount:/data"], openedAt: 10 });
    const b = { ...mount, dependsOn: ["process:demo"] };
    expect(parentOf(a, [a, b])?.id).toBe("m");
    expect(parentOf(b, [a, b])).toBeNull();
  });
});

describe("fleet guards", () => {
  const limits = { share: 0.1, windowMs: 600_000 };
  const running = (node: string, over: Partial<FleetActivity> = {}): FleetActivity => ({
    node,
    group: "web",
    class: "R2",
    startedAt: 0,
    endedAt: null,
    ...over,
  });
  const wish = { node: "n1", group: "web", class: "R2" };

  test("one restart per redundancy group at a time", () => {
    expect(fleetBudget(wish, [running("n2")], 50, 1000, limits).allowed).toBe(false);
    expect(fleetBudget(wish, [running("n2", { group: "db" })], 50, 1000, limits).allowed).toBe(true);
  });

  test("at most a tenth of a group within ten minutes, but always one", () => {
    const ended = (node: string) => running(node, { endedAt: 500 });
    expect(fleetBudget(wish, [], 3, 1000, limits).allowed).toBe(true);
    expect(fleetBudget(wish, [ended("n2")], 3, 1000, limits).allowed).toBe(false);
    expect(fleetBudget(wish, [ended("n2")], 3, 700_000, limits).allowed).toBe(true);
    expect(fleetBudget(wish, [ended("n2")], 20, 1000, limits).allowed).toBe(true);
  });

  test("host-level repairs run one at a time in the whole fleet", () => {
    const reboot = { node: "n1", group: null, class: "R3" };
    expect(fleetBudget(reboot, [running("n9", { group: "db", class: "R3" })], 1, 0, limits).allowed).toBe(
      false,
    );
  });

  test("a common cause needs three nodes and more than a fifth of the group", () => {
    const at = (nodes: string[], size: number) => commonCause(nodes, size, { share: 0.2, minimum: 3 });
    expect(at(["a", "b"], 3)).toBe(false);
    expect(at(["a", "b", "c"], 10)).toBe(true);
    expect(at(["a", "b", "c"], 15)).toBe(false);
    expect(at(["a", "a", "a"], 3)).toBe(false);
  });
});

describe("maintenance", () => {
  const window = { id: "w", check: "service", target: "*", from: 10, until: 20, reason: "r" };

  test("covers its check and target from its beginning up to its end", () => {
    expect(activeWindow([window], "service", "demo", 10)?.id).toBe("w");
    expect(activeWindow([window], "service", "demo", 20)).toBeNull();
    expect(activeWindow([window], "cpu_usage", "host", 15)).toBeNull();
  });
});

describe("flapping", () => {
  test("newer changes weigh more and a window that is not full counts as calm before", () => {
    const early = [true, ...Array<boolean>(19).fill(false)];
    expect(flapShare(early, 20)).toBeLessThan(flapShare(early.toReversed(), 20));
    expect(flapShare([true, true], 20)).toBeLessThan(0.3);
    expect(flapShare(Array<boolean>(20).fill(true), 20)).toBeCloseTo(0.975, 3);
  });
});
