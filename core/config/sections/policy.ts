/** What is repaired, by whose word, and how often. */
import { duration } from "cortex";
import * as z from "zod";
import { AUTONOMY, level, text } from "./shared.ts";

export const policyConfig = z
  .strictObject({
    autonomy: z
      .enum(AUTONOMY)
      .prefault("act")
      .describe(
        "act: repair what is safe. ask: every repair waits for a decision. observe: only say what would be done.",
      ),
    rules: z
      .array(
        z.strictObject({
          repair: text.optional().describe("Repair name; a trailing * matches the rest."),
          owner: text
            .optional()
            .describe("Owner, for example unit:nginx.service; a trailing * matches the rest."),
          tag: text.optional().describe("A tag of the target or node."),
          autonomy: z.enum(AUTONOMY).optional(),
          level: level.optional().describe("Never above what the class allows."),
        }),
      )
      .prefault([])
      .describe("First match wins. A rule may only make repairs more careful than their class."),
    cooldown: duration("10m").describe("After a success; a failure within it is the next attempt."),
    healed_count: z.number().int().min(2).prefault(3).describe("Successes that raise healed too often."),
    healed_window: duration("24h").describe("Time over which successes are counted."),
    boot_guard: duration("5m").describe(
      "No repair this soon after the host booted; supervised processes are exempt.",
    ),
    proposal_ttl: duration("4h").describe("A proposal waits this long for a decision, then becomes L3."),
    approval_ttl: duration("10m").describe("An approval is good for this long; 10 minutes are the most."),
    two_people: z
      .boolean()
      .prefault(true)
      .describe("Two different people for acts on data that can't be undone, and for several nodes at once."),
    earned_autonomy: z
      .boolean()
      .prefault(true)
      .describe(
        "On a node: let repairs act that earned it and that the Monitor signed for. false: this node goes on asking.",
      ),
    autonomy_after: z
      .number()
      .int()
      .min(3)
      .max(1000)
      .prefault(10)
      .describe("So many verified repairs at least before it is offered that a repair acts by itself."),
    autonomy_bound: z
      .number()
      .min(0.4)
      .max(0.99)
      .prefault(0.7)
      .describe("And with 95 % confidence, more than this share of them holds (Wilson's lower bound)."),
    autonomy_ttl: duration("90d").describe("What a repair has earned ends after this and is offered anew."),
    autonomy_runs: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .prefault(20)
      .describe("So often within 24 hours a node lets a repair act by what it has earned; then it asks."),
    cooling: duration("2m").describe(
      "What two people approved that can't be undone waits this long before it runs; anybody who may decide can stop it.",
    ),
    learn_after: z
      .number()
      .int()
      .min(3)
      .max(100)
      .prefault(5)
      .describe("A rule is proposed after this many verdicts of people in a row that agree."),
    learned_ttl: duration("90d").describe("A rule that was learned ends after this."),
    protected_units: z
      .array(text)
      .prefault([])
      .describe("Units that no decision stops, besides those that are protected anyway."),
    min_generations: z
      .number()
      .int()
      .min(1)
      .prefault(3)
      .describe("Backups and snapshots that must be left whatever is decided."),
    judge_deadline: duration("20s").describe("A judge that takes longer leaves it to a person."),
    judge_daily_usd: z
      .number()
      .min(0)
      .prefault(1)
      .describe("What judges may cost within 24 hours, US dollars."),
    judge_per_problem: z
      .number()
      .int()
      .min(0)
      .prefault(6)
      .describe("Questions to judges about one problem within 24 hours."),
    judge_twin: z
      .boolean()
      .prefault(true)
      .describe("Ask a judge that says yes again without untrusted text; a stricter answer then counts."),
    lock_files: z
      .array(text)
      .prefault([
        "/var/lib/dpkg/lock-frontend",
        "/var/lib/dpkg/lock",
        "/var/lib/rpm/.rpm.lock",
        "/var/cache/dnf/metadata_lock.pid",
        "/run/lock/cortex-deploy.lock",
      ])
      .describe("Nothing is repaired while a process holds a lock on one of these files."),
    clean_roots: z
      .array(text)
      .prefault(["/tmp", "/var/tmp", "/var/log"])
      .describe("Folders below which cleaners may delete at all; nothing outside is ever touched."),
    evidence_budget: duration("250ms").describe("Time for all evidence collectors together."),
    min_promise: z
      .number()
      .min(0)
      .max(1)
      .prefault(0.05)
      .describe("A cleaner must promise this share of the file system."),
    max_per_hour: z.number().int().min(1).prefault(10).describe("Repairs of one node per hour."),
    fleet_share: z.number().min(0).max(1).prefault(0.1).describe("Share of a group repaired at a time."),
    fleet_window: duration("10m").describe("Time over which the fleet share counts."),
    common_cause_share: z
      .number()
      .min(0)
      .max(1)
      .prefault(0.2)
      .describe("Share of a group with one failing check that stops its repair."),
    common_cause_min: z
      .number()
      .int()
      .min(1)
      .prefault(3)
      .describe("At least this many nodes for a common cause."),
  })
  .prefault({});
