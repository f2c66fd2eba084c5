/** The policy that decides in people's place, its versions, and what another one would have decided. */
import * as z from "zod";
import { actorOf } from "../../access/audit.ts";
import type { ConfigProblem } from "../../config/problems.ts";
import { parsePolicyText, policyText, readPolicyText } from "../../decide/policy-text.ts";
import { parsePolicy } from "../../decide/policy.ts";
import { BACKTEST_FINDINGS, BACKTEST_WORDS } from "../../domain/decide/backtest.ts";
import { DECISION_STATES } from "../../domain/decide/decision.ts";
import { policyDocument, policyRule } from "../../domain/decide/policy.ts";
import { INTENT_STATES } from "../../domain/intent.ts";
import type { PolicyVersion } from "../../store/monitor/decisions.repository.ts";
import { isoTime, toIso } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";
import { pageOf, routeErrors, timeQuery } from "./common.ts";

const tags = ["decisions"];
const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 90;
/** Those with a finding come first; the counts are of all. */
const SHOWN_CASES = 200;
const count = z.number().int().nonnegative();

const policyVersion = z.strictObject({
  version: count,
  at: isoTime.nullable(),
  author: z.string(),
  note: z.string(),
  document: policyDocument,
  text: z.string().describe("The same as YAML, as its author wrote it"),
});
export type PolicyVersionItem = z.infer<typeof policyVersion>;

const backtestSummary = z.strictObject({
  cases: count,
  would: z.strictObject({ allow: count, judge: count, human: count, deny: count }),
  findings: z.strictObject({
    rejected: count.describe("It would have allowed what a person rejected"),
    failed: count.describe("It would have allowed what failed or was taken back"),
    stopped: count.describe("It would have denied what was approved and held"),
  }),
  spared: count.describe("Decisions that no person would have been asked for"),
  ok: z.boolean().describe("Nothing rejected and nothing that failed would have been allowed"),
});

const ruleProposal = z.strictObject({
  rule: policyRule,
  cases: z.array(z.string()).describe("Decisions that it follows, newest first"),
  test: backtestSummary.describe("What this rule alone would have decided where it fits"),
});
export type RuleProposalItem = z.infer<typeof ruleProposal>;

const backtestResult = z.strictObject({
  since: isoTime,
  summary: backtestSummary,
  changed: count.describe("Decisions that it would make in another way than the policy in force"),
  next: z.string().nullable().describe("Cursor of the page before this one; null at the end"),
  until: isoTime.nullable().describe("Time of the oldest decision that was compared; null without one"),
  cases: z.array(
    z.strictObject({
      id: z.string().describe("Decision"),
      at: isoTime,
      node: z.string(),
      nodeName: z.string(),
      repair: z.string(),
      was: z.enum(DECISION_STATES),
      by: z.string(),
      outcome: z.enum(INTENT_STATES).nullable(),
      would: z.enum(BACKTEST_WORDS),
      inForce: z.enum(BACKTEST_WORDS).describe("What the policy in force says of it"),
      rule: z.string().nullable(),
      finding: z.enum(BACKTEST_FINDINGS).nullable(),
    }),
  ),
});
export type BacktestResult = z.infer<typeof backtestResult>;

const remark = z.strictObject({
  line: count.describe("From 1"),
  column: count.describe("From 1"),
  path: z.string().describe("`rules[0].verdict`; empty for the whole text"),
  message: z.string(),
});

const policyCheck = z.strictObject({
  inForce: count.describe(
    "Version in force now: another one than the text was made from means that somebody saved",
  ),
  rules: count.nullable().describe("How many rules it has; null when it does not fit"),
  problems: z.array(remark),
  warnings: z.array(remark).describe("What is allowed and does nothing: a rule that never speaks"),
});
export type PolicyCheck = z.infer<typeof policyCheck>;

const shownRemark = ({ line, column, path, message }: ConfigProblem): z.infer<typeof remark> => ({
  line: line ?? 1,
  column: column ?? 1,
  path,
  message,
});

const asText = z.string().max(100_000).describe("The policy as YAML; errors name line and column");

const shown = (one: PolicyVersion): PolicyVersionItem => ({
  version: one.version,
  at: one.at === 0 ? null : toIso(one.at),
  author: one.author,
  note: one.note,
  document: one.document,
  text: policyText(one),
});

export const policyRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/policy",
    access: { permission: "fleet.read", scope: "tree" },
    operationId: "getPolicy",
    summary: "The policy in force",
    tags,
    response: policyVersion,
    handler: ({ services }) => shown(services.decide.policy.current()),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/policy/versions",
    access: { permission: "fleet.read", scope: "tree" },
    operationId: "listPolicyVersions",
    summary: "Versions of the policy, newest first",
    tags,
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).optional() }),
    response: pageOf(policyVersion),
    handler: ({ services, query }) => ({
      items: services.decide.policy.versions(query.limit ?? 20).map(shown),
      next: null,
    }),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/policy/versions/:version",
    access: { permission: "fleet.read", scope: "tree" },
    operationId: "getPolicyVersion",
    summary: "One version of the policy",
    tags,
    params: z.strictObject({ version: z.coerce.number().int().min(0).max(1e9) }),
    response: policyVersion,
    handler({ services, params }) {
      const found = services.decide.policy.get(params.version);
      if (found === null) throw routeErrors.not_found("there is no such version; see the list of versions");
      return shown(found);
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/policy",
    access: { permission: "settings.write", scope: "tree", recent: true },
    operationId: "savePolicy",
    summary: "Put a new version of the policy in force",
    tags,
    body: z.strictObject({
      document: z.unknown().optional(),
      text: asText.optional(),
      basedOn: count.describe("The version it was made from"),
      note: z.string().max(500).optional(),
    }),
    response: policyVersion,
    handler: ({ services, principal, body }) =>
      shown(
        services.decide.policy.save(
          body.text === undefined ? body.document : parsePolicyText(body.text, "policy"),
          body.basedOn,
          actorOf(principal),
          body.note ?? "",
          body.text ?? null,
        ),
      ),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/policy/check",
    access: { permission: "fleet.read", scope: "tree" },
    operationId: "checkPolicy",
    summary: "Every mistake of a policy that is being written, with its place; changes nothing",
    tags,
    body: z.strictObject({ text: asText }),
    response: policyCheck,
    handler({ services, body }) {
      const { document, problems, warnings } = readPolicyText(body.text, "policy");
      return {
        inForce: services.decide.policy.current().version,
        rules: document?.rules.length ?? null,
        problems: (problems ?? []).map(shownRemark),
        warnings: warnings.map(shownRemark),
      };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/policy/test",
    access: { permission: "fleet.read", scope: "tree" },
    operationId: "testPolicy",
    summary:
      "What a policy would have decided over past decisions, and what had come of them; changes nothing",
    tags,
    body: z.strictObject({
      document: z.unknown().optional(),
      text: asText.optional(),
      since: timeQuery(`Decisions since then; default ${DEFAULT_DAYS} days ago`),
      cursor: z
        .string()
        .max(400)
        .optional()
        .describe(
          "One page, the newest for an empty text, else the one that `next` named; left out: all at once",
        ),
    }),
    response: backtestResult,
    handler({ services, body }) {
      const policy =
        body.text === undefined ? parsePolicy(body.document) : parsePolicyText(body.text, "policy");
      const since = body.since ?? services.clock.now() - DEFAULT_DAYS * DAY_MS;
      const cursor = body.cursor === "" ? null : body.cursor;
      const { summary, changed, cases, next } = services.decide.backtest(policy, since, cursor);
      const oldest = cases.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
      return {
        since: toIso(since),
        summary,
        changed,
        next,
        until: Number.isFinite(oldest) ? toIso(oldest) : null,
        cases: cases.slice(0, SHOWN_CASES).map((one) => ({
          ...one,
          at: toIso(one.at),
          nodeName: services.monitor.nodes.nameOf(one.node),
        })),
      };
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/policy/proposals",
    access: { permission: "fleet.read", scope: "tree" },
    operationId: "listRuleProposals",
    summary: "Rules that follow from what people decided, each with its cases and its test against the past",
    tags,
    response: z.strictObject({ items: z.array(ruleProposal), next: z.null() }),
    handler: ({ services }) => ({ items: services.decide.learning.proposals(), next: null }),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/policy/proposals/:rule",
    access: { permission: "settings.write", scope: "tree", recent: true },
    operationId: "answerRuleProposal",
    summary: "Take a proposed rule into the policy, or dismiss it: people then go on deciding",
    tags,
    params: z.strictObject({ rule: policyRule.shape.id }),
    body: z.strictObject({ answer: z.enum(["accept", "dismiss"]) }),
    response: policyVersion,
    handler: ({ services, principal, params, body }) =>
      shown(services.decide.learning.answer(params.rule, body.answer, actorOf(principal))),
  }),
];
