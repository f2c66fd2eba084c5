/**
 * What the privileged helper may do on this node, as root wrote it down in `/etc/cortex/helper.yaml`. Nothing that Cortex or a
 * Monitor says widens it; what is not named here is refused.
 */
import { UNIT_VERBS } from "cortex";
import * as z from "zod";
import { exactUnit } from "./privileges.ts";

const units = z.record(exactUnit, z.array(z.enum(UNIT_VERBS)).min(1));

export const helperPolicy = z.strictObject({
  version: z.literal(1),
  node: z
    .string()
    .regex(/^n_[a-z2-7]{26}$/, { error: "must be this node's id, n_…; cortex helper init writes it" })
    .describe("The node that approvals must name."),
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/)
    .prefault("cortex")
    .describe("Whose processes may ask; all others are turned away."),
  decided: z
    .strictObject({
      units: z
        .union([z.literal("any"), units])
        .prefault({})
        .describe(
          "Units that may be started, restarted and reloaded with a signed approval; any leaves out those that guard the machine.",
        ),
      reboot: z
        .boolean()
        .prefault(false)
        .describe("Whether the host may be booted again, once a day, when a person approved it."),
    })
    .prefault({}),
  alone: z
    .strictObject({
      units: units.prefault({}).describe("Exact units and verbs that need no approval; keep it short."),
    })
    .prefault({}),
  budgets: z
    .strictObject({
      per_hour: z.number().int().min(1).max(1000).prefault(20).describe("Acts in any hour, all together."),
      per_target_per_hour: z
        .number()
        .int()
        .min(1)
        .max(100)
        .prefault(3)
        .describe("Acts in any hour on one target."),
    })
    .prefault({}),
});
export type HelperPolicy = z.infer<typeof helperPolicy>;
