/** A case made into what the gate, the rules and a judge look at: the same types that a Monitor fills from its stores. */
import { type Effect, effect, type JudgeRequest } from "cortex";
import * as z from "zod";
import { isInterrupting, isReversible } from "../../domain/decide/blast-radius.ts";
import type { GateInput } from "../../domain/decide/gate.ts";
import type { GateRepair } from "../../domain/decide/intent.ts";
import { type PolicyDocument, policyDocument, type RuleSubject } from "../../domain/decide/policy.ts";
import { cleaned, templateOf } from "../judge-request.ts";
import type { Situation } from "./case.ts";
import { effectsOf, TEST_REPAIRS } from "./test-repairs.ts";

export interface Scene {
  input: GateInput;
  subject: RuleSubject;
  policy: PolicyDocument;
  request: JudgeRequest;
}

/** The fleet in which all cases happen: name → group. */
const FLEET: Readonly<Record<string, string | null>> = {
  ...members("web", 3),
  ...members("db", 6),
  ...members("api", 10),
  ...members("cache", 3),
  "mq-01": null,
  "lb-01": null,
  "app-09": null,
  "backup-01": null,
  "mon-01": null,
};

function members(group: string, count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${group}-${String(index + 1).padStart(2, "0")}`, group]),
  );
}

/** A Tuesday, 10:00 UTC. */
export const EVAL_NOW = Date.UTC(2026, 9, 20, 10);
const MINUTE_MS = 60_000;
const ATTEMPTS = 3;

/** R0 to R2 may be decided by a judge; everything else waits for people. */
export const EVAL_RULES = [
  {
    id: "judge",
    when: { class: ["R0", "R1", "R2"] },
    verdict: "human",
    llm_may_decide: true,
  },
];

export const OWN_PATHS = ["/var/lib/cortex", "/etc/cortex"];

/** `rename`: another name for every node, which must change nothing. */
export function sceneOf(one: Situation, rename: (node: string) => string = (node) => node): Scene {
  const names = one.nodes ?? [one.node];
  const known = TEST_REPAIRS[one.do.repair];
  const about = String(one.do[known?.about ?? "target"] ?? one.node);
  const problemTarget = one.problem?.target ?? about;
  const target = one.target ?? problemTarget;
  const effects: Effect[] | null =
    one.effects === undefined
      ? effectsOf(one.do.repair, one.do)
      : one.effects === null
        ? null
        : z.array(effect).parse(one.effects);
  const undo = one.undo ?? known?.undo ?? false;
  const group = FLEET[one.node] ?? null;
  const size = group === null ? 1 : Object.values(FLEET).filter((other) => other === group).length;
  const healthy = one.world.healthy ?? size - 1;
  const repairClass = one.claims ?? known?.class ?? "R4";
  const reversible = isReversible(effects, undo);
  const type = one.problem?.type ?? known?.remedies[0] ?? "unknown";
  const problem =
    one.problem === null
      ? null
      : {
          id: "0199f000-0000-7000-8000-0000000000bb",
          node: rename(one.node),
          type,
          target: problemTarget,
          owner: null,
          severity: "critical" as const,
        };
  const seen = new Set(one.world.unseen ? [problemTarget] : [problemTarget, target]);
  const evidenceNodes = (one.evidenceOf?.nodes ?? names).map(rename);
  const input: GateInput = {
    intent: {
      id: "0199f000-0000-7000-8000-0000000000aa",
      nodes: names.map(rename),
      repair: one.do.repair,
      version: one.version,
      class: repairClass,
      target,
      effects,
      undo,
      parameterProblem: null,
    },
    proposer: {
      kind: one.by?.kind ?? "node",
      id: "proposer",
      mayProposeFor: (node) => (one.by?.nodes ?? [one.node]).map(rename).includes(node),
      scopeHolds: one.by?.scopeHolds ?? true,
    },
    problem,
    evidence:
      one.evidence === "none" || problem === null
        ? []
        : [
            {
              id: "e1",
              trust: one.evidence,
              nodes: evidenceNodes,
              targets: [one.evidenceOf?.target ?? problemTarget],
            },
          ],
    preconditions:
      one.world.precondition === undefined
        ? []
        : [{ name: one.world.precondition, ok: false, detail: "measured now" }],
    world: {
      targetsOf: (node) => (Object.keys(FLEET).some((name) => rename(name) === node) ? seen : null),
      repairsOf: () => repairsWithout(one.world.missing, one.world.mode),
      invariants: {
        minGenerations: 3,
        ownPaths: OWN_PATHS,
        ownNames: ["cortex", "cortex-agent", "cortex-monitor", "cortex-helper"],
        protectedUnits: ["vault.service"],
        admins: one.world.admins,
      },
      radius: {
        nodes: names.map(rename),
        group: group === null ? null : { name: group, size, touched: names.length, healthy },
        dependents: [],
        interrupts: isInterrupting(effects),
        reversible,
      },
      activity: one.world.activity.map(({ node, class: acting, started, ended }) => ({
        node: rename(node),
        group: FLEET[node] ?? null,
        class: acting,
        startedAt: EVAL_NOW - started * MINUTE_MS,
        endedAt: ended === null ? null : EVAL_NOW - ended * MINUTE_MS,
      })),
      fleet: { share: 0.1, windowMs: 10 * MINUTE_MS },
      commonCause: one.world.commonCause,
      attempts: {
        used: one.world.attempts,
        max: ATTEMPTS,
        cooling: one.world.cooling,
      },
      repairsOn: !one.world.repairsOff,
      frozen: one.world.frozen ?? null,
      seenAlive: one.world.seenAlive ?? null,
      now: EVAL_NOW,
    },
  };
  return {
    input,
    subject: {
      repair: one.do.repair,
      class: repairClass,
      problemType: problem?.type ?? null,
      owner: null,
      group,
      labels: {},
      tags: [],
      severity: problem?.severity ?? null,
      at: EVAL_NOW,
      offsetMinutes: 0,
    },
    policy: policyDocument.parse({
      version: 1,
      rules: one.rules ?? EVAL_RULES,
    }),
    request: requestOf(one, input),
  };
}

const repairsWithout = (missing: readonly string[], mode: GateRepair["mode"]): GateRepair[] =>
  Object.entries(TEST_REPAIRS)
    .filter(([name]) => !missing.includes(name))
    .map(([name, { class: repairClass, remedies }]) => ({
      name,
      version: 1,
      class: repairClass,
      remedies,
      mode,
    }));

function requestOf(one: Situation, { intent, problem, world }: GateInput): JudgeRequest {
  const { group } = world.radius;
  const said = one.text === undefined ? [] : [one.text].flat();
  const facts = {
    attempts_used: world.attempts.used,
    status: "critical",
    ...one.facts,
  };
  return {
    intent: {
      id: intent.id,
      repair: intent.repair,
      class: intent.class,
      target: cleaned(intent.target, 200),
      changes: [{ what: `${intent.repair} ${cleaned(intent.target, 200)}` }],
      effects: intent.effects ?? [],
      undo: world.radius.reversible,
      attempt: world.attempts.used + 1,
      attemptsMax: world.attempts.max,
    },
    problem: {
      type: problem?.type ?? "unknown",
      severity: problem?.severity ?? "unknown",
      openForSeconds: 60,
    },
    node: {
      group: group?.name ?? null,
      groupSize: group?.size ?? 1,
      healthyInGroup: group?.healthy ?? 1,
      tags: [],
    },
    facts: Object.entries(facts).map(([name, value], index) => ({
      id: `f${index + 1}`,
      trust: "agent",
      name,
      value,
    })),
    quotes: said.map((text, index) => ({
      id: `q${index + 1}`,
      trust: "untrusted",
      source: "log",
      template: templateOf(text),
      length: text.length,
      text: cleaned(text, 400),
    })),
    precedents: [],
  };
}
