import { describe, expect, test } from "bun:test";
import type { Effect } from "cortex";
import { gateInput, type GateSpoil, TEST_NODE, testInvariants } from "../../testing/gate-input.ts";
import { gate } from "./gate.ts";
import { crossedInvariant } from "./invariants.ts";
import type { ReasonCode } from "./reasons.ts";

const reasonOf = (spoil: GateSpoil): ReasonCode | "eligible" => {
  const result = gate(gateInput(spoil));
  return result.eligible ? "eligible" : result.ruling.reason;
};

test("a restart of one unit that its problem asks for, on one healthy node, is eligible", () => {
  expect(reasonOf({})).toBe("eligible");
});

describe("each step refuses with its own reason", () => {
  const repairs = (change: object) => ({
    repairsOf: () => [
      {
        name: "unit.restart",
        version: 1,
        class: "R2" as const,
        remedies: ["service.unhealthy"],
        mode: "ask" as const,
        ...change,
      },
    ],
  });
  const cases: [string, GateSpoil, ReasonCode][] = [
    ["no node is named", { intent: { nodes: [] } }, "empty_selector"],
    ["no target is named", { intent: { target: "" } }, "empty_selector"],
    [
      "a parameter does not fit",
      { intent: { parameterProblem: "unit: begins with -" } },
      "invalid_parameter",
    ],
    ["a node proposes for another", { intent: { nodes: ["n_db1"] } }, "out_of_subtree"],
    [
      "a key's scope does not include the call",
      { input: { proposer: { kind: "mcp", id: "k", mayProposeFor: () => true, scopeHolds: false } } },
      "scope_denied_at_call",
    ],
    [
      "an operator of another group",
      { input: { proposer: { kind: "user", id: "u", mayProposeFor: () => false, scopeHolds: true } } },
      "proposer_out_of_scope",
    ],
    ["the node does not exist", { world: { targetsOf: () => null } }, "target_unknown"],
    ["the node has no such repair", { world: { repairsOf: () => [] } }, "unknown_action"],
    ["another version of the repair", { world: repairs({ version: 2 }) }, "unknown_action"],
    ["the class is not the registered one", { world: repairs({ class: "R4" }) }, "unknown_action"],
    ["it remedies something else", { world: repairs({ remedies: ["mount.missing"] }) }, "not_a_remedy"],
    ["it only says what it would do", { world: repairs({ mode: "shadow" }) }, "shadow"],
    ["a target that was never seen", { intent: { target: "nginx.service " } }, "target_unknown"],
    ["nothing measured speaks of the target", { input: { evidence: [] } }, "no_evidence"],
    [
      "only somebody's text speaks of the target",
      {
        input: {
          evidence: [{ id: "e", trust: "untrusted", nodes: [TEST_NODE], targets: ["nginx.service"] }],
        },
      },
      "no_evidence",
    ],
    ["the others see it alive", { world: { seenAlive: true } }, "uncorroborated"],
    ["the whole group has the same trouble", { world: { commonCause: true } }, "common_cause"],
    [
      "another node of the group is under repair",
      { world: { activity: [{ node: "n_web2", group: "web", class: "R2", startedAt: 0, endedAt: null }] } },
      "lease_taken",
    ],
    [
      "all attempts are used",
      { world: { attempts: { used: 3, max: 3, cooling: false } } },
      "attempt_budget_exhausted",
    ],
    [
      "it failed again within its cool-down",
      { world: { attempts: { used: 1, max: 3, cooling: true } } },
      "cooldown",
    ],
    ["repairs are off", { world: { repairsOn: false } }, "repairs_off"],
    ["a freeze is in force", { world: { frozen: "release week" } }, "frozen"],
    [
      "a precondition does not hold",
      { input: { preconditions: [{ name: "unit is failed", ok: false, detail: "it is active" }] } },
      "precondition_failed",
    ],
    ["it does not say what it does", { intent: { effects: null } }, "effects_unknown"],
    ["a host-level act", { intent: { class: "R3" }, world: repairs({ class: "R3" }) }, "class_needs_human"],
  ];
  test.each(cases)("%s", (_, spoil, reason) => expect(reasonOf(spoil)).toBe(reason));
});

test("what takes a node out of a group of three is refused when quorum would be lost", () => {
  const radius = { ...gateInput().world.radius, group: { name: "db", size: 3, touched: 1, healthy: 2 } };
  expect(reasonOf({ intent: { effects: [{ kind: "host", verb: "reboot" }] }, world: { radius } })).toBe(
    "invariant_quorum",
  );
});

test("a node is not taken down by choice while others of its group are in trouble", () => {
  const of = (size: number, healthy: number, verb: "reboot" | "fence") => {
    const radius = { ...gateInput().world.radius, group: { name: "db", size, touched: 1, healthy } };
    return reasonOf({ intent: { effects: [{ kind: "host", verb }] }, world: { radius } });
  };
  expect(of(2, 1, "reboot")).toBe("peers_down");
  expect(of(5, 4, "reboot")).toBe("peers_down");
  expect(of(5, 4, "fence")).not.toBe("peers_down");
  expect(of(5, 5, "reboot")).not.toBe("peers_down");
});

test("a cleaner may not begin above the path that is full", () => {
  const problem = { ...gateInput().problem!, target: "/var/tmp/build-881", owner: null };
  const world = { targetsOf: () => new Set(["/var/tmp/build-881"]) };
  const intent = { target: "/var/tmp/build-881" };
  const clean = (root: string): Effect[] => [{ kind: "delete", what: "files", root, count: 3 }];
  const evidence = [
    { id: "e", trust: "agent" as const, nodes: [TEST_NODE], targets: ["/var/tmp/build-881"] },
  ];
  const reason = (root: string) =>
    reasonOf({ intent: { ...intent, effects: clean(root) }, world, input: { problem, evidence } });
  expect(reason("/var/tmp")).toBe("scope_broader_than_problem");
  expect(reason("/var/tmp/./build-881/../")).toBe("scope_broader_than_problem");
  expect(reason("/var/tmp/build-881")).toBe("eligible");
});

describe("invariants hold whatever anybody decides", () => {
  const cases: [Effect, ReasonCode | null][] = [
    [{ kind: "service", verb: "stop", name: "auditd" }, "protected_unit"],
    [{ kind: "service", verb: "stop", name: "SSHD.service" }, "protected_unit"],
    [{ kind: "service", verb: "stop", name: "vault" }, "protected_unit"],
    [{ kind: "service", verb: "restart", name: "sshd.service" }, null],
    [{ kind: "service", verb: "restart", name: "cortex-agent.service" }, "invariant_self"],
    [{ kind: "service", verb: "restart", name: "nginx" }, null],
    [{ kind: "process", verb: "end", name: "cortex" }, "invariant_self"],
    [{ kind: "process", verb: "end", name: "stress" }, null],
    [{ kind: "delete", what: "snapshots", root: "/snap", count: 9, keeps: 0 }, "invariant_min_retention"],
    [{ kind: "delete", what: "backups", root: "/backup", count: 1, keeps: 3 }, null],
    [{ kind: "delete", what: "files", root: "/var/lib/mysql/db", count: 1 }, "invariant_data"],
    [{ kind: "delete", what: "files", root: "/", count: 1 }, "invariant_data"],
    [{ kind: "delete", what: "files", root: "/tmp/../etc", count: 1 }, "invariant_data"],
    [{ kind: "delete", what: "files", root: "/var/lib/cortex/keys", count: 1 }, "invariant_self"],
    [{ kind: "delete", what: "cache", root: "/var/cache/apt", count: 1 }, null],
    [{ kind: "delete", what: "files", root: "/tmp/x", count: 1 }, null],
    [{ kind: "write", file: "/etc/ssh/sshd_config" }, "protected_config"],
    [{ kind: "write", file: "/etc//passwd" }, "protected_config"],
    [{ kind: "write", file: "/etc/cortex/trust.d/k" }, "invariant_self"],
    [{ kind: "write", file: "/etc/nginx/nginx.conf" }, null],
    [{ kind: "network", verb: "open", cidr: "0.0.0.0/0", port: 5432 }, "invariant_public_exposure"],
    [{ kind: "network", verb: "open", cidr: "::/0", port: 6379 }, "invariant_public_exposure"],
    [{ kind: "network", verb: "open", cidr: "10.0.0.0/4", port: 22 }, "invariant_public_exposure"],
    [{ kind: "network", verb: "open", cidr: "10.1.0.0/16", port: 22 }, null],
    [{ kind: "network", verb: "ban", cidr: "203.0.113.9/32", port: 0 }, null],
    [{ kind: "account", verb: "remove", name: "cortex" }, "invariant_self"],
    [{ kind: "account", verb: "remove", name: "guest" }, null],
    [{ kind: "package", verb: "rollback", name: "cortex" }, "invariant_self"],
    [{ kind: "mount", verb: "unmount", path: "/" }, "invariant_self"],
  ];
  test.each(cases)("%j", (effect, reason) =>
    expect(crossedInvariant([effect], testInvariants)?.reason ?? null).toBe(reason),
  );

  test("the last administrator stays", () => {
    const facts = { ...testInvariants, admins: ["ops"] };
    expect(crossedInvariant([{ kind: "account", verb: "remove", name: "ops" }], facts)?.reason).toBe(
      "invariant_last_admin",
    );
  });

  test("one bad effect among many is enough", () => {
    const effects: Effect[] = [
      { kind: "service", verb: "restart", name: "nginx" },
      { kind: "service", verb: "stop", name: "auditd" },
    ];
    expect(reasonOf({ intent: { effects } })).toBe("protected_unit");
  });
});
