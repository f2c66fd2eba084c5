/** What happened in that day: problems that came and went, repairs, proposals, notes; as the nodes would have told it. */
import { iso, sampleIntent, sampleProblem } from "../../core/testing/wire-samples.ts";
import type { MessageType } from "../../core/wire/envelope.ts";
import type { IntentBody } from "../../core/wire/intent.ts";
import type { ProblemBody } from "../../core/wire/problem.ts";

export interface Said {
  node: string;
  /** Epoch ms. */
  at: number;
  type: MessageType;
  body: ProblemBody | IntentBody;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const hash = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");

/** In the order of their time. */
export const storiesOf = (now: number): Said[] =>
  [
    ...repaired(now, "web-3.fra", 15.4 * HOUR_MS, "nginx.service", "nginx.service has failed: exit code 1"),
    ...repaired(
      now,
      "queue-1.ams",
      9.2 * HOUR_MS,
      "rabbitmq.service",
      "rabbitmq.service is not running: killed by SIGKILL",
    ),
    ...repaired(
      now,
      "web-1.ams",
      3.6 * HOUR_MS,
      "php8.4-fpm.service",
      "php8.4-fpm.service has failed: out of memory",
    ),
    ...diskProposal(now),
    ...degradedArray(now),
    ...lateBackup(now),
    note(
      now,
      "db-2.fra",
      5.1 * HOUR_MS,
      "milestone",
      "Replication moved to db-2",
      "Planned switch, 40 s read-only.",
    ),
  ].sort((a, b) => a.at - b.at);

/** Failed, started again, verified. */
function repaired(now: number, node: string, agoMs: number, target: string, summary: string): Said[] {
  const at = now - agoMs;
  const id = crypto.randomUUID();
  const intentId = crypto.randomUUID();
  const name = target.replace(".service", "");
  const problem = (change: Partial<ProblemBody>): ProblemBody =>
    sampleProblem(at, {
      id,
      fingerprint: hash(id),
      target,
      owner: `unit:${target}`,
      summary,
      intentId,
      ...change,
    });
  const step = (what: string, text: string, afterMs: number) => ({
    step: what,
    ok: true,
    summary: text,
    at: iso(at + afterMs),
  });
  const intent = sampleIntent(at, {
    id: intentId,
    problemId: id,
    state: "verified",
    summary: `Start ${target}`,
    target,
    owner: `unit:${target}`,
    hash: hash(intentId),
    plan: {
      summary: `start ${target} after a test of its configuration`,
      changes: [{ what: target, from: "failed", to: "active" }],
    },
    decisions: [
      {
        decider: "policy",
        verdict: "allow",
        reason: "R2 acts at L1 here, 0 of 3 attempts used",
        at: iso(at + 400),
      },
    ],
    outcome: [
      step("precondition", `${name} -t: the configuration is valid`, 600),
      step("apply", `started ${target}: active after 0.4 s`, 1100),
      step("verify", `${target} is active (running), stable for 60 s`, 61_200),
    ],
    updatedAt: iso(at + 61_200),
    finishedAt: iso(at + 61_200),
  });
  const over = problem({
    state: "resolved",
    status: "ok",
    updatedAt: iso(at + 62_000),
    resolvedAt: iso(at + 62_000),
    resolution: `repaired by the start of ${target}`,
    events: [
      { at: iso(at), kind: "opened", text: summary },
      { at: iso(at + 62_000), kind: "resolved", text: `repaired by the start of ${target}` },
    ],
  });
  return [
    {
      node,
      at,
      type: "problem",
      body: problem({ events: [{ at: iso(at), kind: "opened", text: summary }] }),
    },
    { node, at: at + 62_000, type: "intent", body: intent },
    { node, at: at + 62_000, type: "problem", body: over },
  ];
}

/** Nearly full, and on a database: it asks. */
function diskProposal(now: number): Said[] {
  const at = now - 26 * MINUTE_MS;
  const id = crypto.randomUUID();
  const intentId = crypto.randomUUID();
  const target = "/var";
  const problem = sampleProblem(at, {
    id,
    fingerprint: hash(id),
    check: "fs_space",
    target,
    type: "fs.space",
    nature: "measured",
    level: "L2",
    summary: "/var is 93.4 % full, 31.2 GiB left, full in about 19 h",
    tags: ["stateful"],
    owner: `mount:${target}`,
    intentId,
    guards: {
      ...sampleProblem(at).guards,
      hold: "autonomy_ask",
      holdText: "The target is tagged stateful: a decision is needed before anything is removed.",
    },
    events: [
      { at: iso(at), kind: "opened", text: "93.1 % full for 5 min" },
      { at: iso(at + 2 * MINUTE_MS), kind: "proposed", text: "cut the journal to 500 MiB" },
      {
        at: iso(at + 2 * MINUTE_MS),
        kind: "asked",
        text: "R2 on a target tagged stateful: a decision is needed",
      },
    ],
  });
  const intent = sampleIntent(at + 2 * MINUTE_MS, {
    id: intentId,
    problemId: id,
    state: "proposed",
    level: "L2",
    summary: "Cut the journal to 500 MiB",
    check: "fs_space",
    target,
    owner: `mount:${target}`,
    repair: "journal_vacuum",
    class: "R4",
    hash: hash(intentId),
    plan: {
      summary: "remove 214 archived journal files, 30.2 GiB, the oldest 61 days old",
      changes: [{ what: "/var/log/journal", from: "30.7 GiB", to: "500 MiB" }],
      promise: { freedBytes: 30.2 * 2 ** 30, totalBytes: 470 * 2 ** 30 },
    },
    decisions: [
      {
        decider: "policy",
        verdict: "human",
        reason: "R4 touches data and the target is tagged stateful",
        at: iso(at + 2 * MINUTE_MS),
      },
    ],
    expiresAt: iso(now + 3.5 * HOUR_MS),
  });
  return [
    { node: "db-1.ams", at, type: "problem", body: problem },
    { node: "db-1.ams", at: at + 2 * MINUTE_MS, type: "intent", body: intent },
  ];
}

/** Nothing repairs a dead disk. */
function degradedArray(now: number): Said[] {
  const at = now - 3.1 * HOUR_MS;
  const problem = sampleProblem(at, {
    fingerprint: hash("md0"),
    check: "raid",
    target: "md0",
    type: "raid.degraded",
    level: "L3",
    owner: null,
    summary: "md0 is degraded: 1 of 2 disks left, sdb failed",
    guards: {
      ...sampleProblem(at).guards,
      hold: "no_repair",
      holdText: "No repair is known for raid.degraded: replace the disk.",
    },
    events: [
      { at: iso(at), kind: "opened", text: "md0 lost sdb" },
      { at: iso(at), kind: "held", text: "No repair is known for raid.degraded" },
    ],
  });
  return [{ node: "db-1.ams", at, type: "problem", body: problem }];
}

function lateBackup(now: number): Said[] {
  const at = now - 7.5 * HOUR_MS;
  const problem = sampleProblem(at, {
    fingerprint: hash("restic"),
    check: "timers",
    target: "restic-nightly.timer",
    type: "timer.missed",
    severity: "warning",
    status: "warning",
    summary: "restic-nightly.timer did not finish since Tuesday 02:00",
    owner: "unit:restic-nightly.service",
    guards: {
      ...sampleProblem(at).guards,
      attemptsUsed: 2,
      attemptsResetAt: iso(now + 21 * MINUTE_MS),
      nextAttemptAt: iso(now + 100_000),
      hold: "attempt_wait",
      holdText: "The second attempt failed; the third follows in 3 min.",
    },
    events: [{ at: iso(at), kind: "opened", text: "the last run ended 26 h ago" }],
  });
  return [{ node: "backup-1.fra", at, type: "problem", body: problem }];
}

function note(
  now: number,
  node: string,
  agoMs: number,
  kind: "note" | "milestone",
  summary: string,
  text: string,
): Said {
  const at = now - agoMs;
  const body = sampleIntent(at, {
    kind,
    summary,
    text,
    state: "verified",
    actor: "user:anna",
    check: null,
    target: null,
    owner: null,
    repair: null,
    repairVersion: null,
    class: null,
    finishedAt: iso(at),
  });
  return { node, at, type: "intent", body };
}
