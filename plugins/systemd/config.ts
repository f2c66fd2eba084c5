import { duration } from "cortex";
import * as z from "zod";
import { section, timing } from "../common/check-config.ts";
import { unitName } from "../common/systemd-unit.ts";

/** A unit name, or the beginning of one and a `*`. */
const pattern = z.string().regex(/^[A-Za-z0-9-][A-Za-z0-9:_.\\@-]{0,200}\*?$/, {
  error: "must be a unit name, or its beginning followed by *",
});

export const config = z.strictObject({
  ignore: z
    .array(pattern)
    .prefault([])
    .describe("Units left alone by all checks; a trailing * matches the rest."),
  critical: z
    .array(pattern)
    .prefault([])
    .describe("Units whose failure is critical instead of a warning; a trailing * matches the rest."),
  idempotent: z
    .array(unitName)
    .prefault([])
    .describe(
      "Jobs (oneshot services) that may be run again by a repair, because running them twice does no harm.",
    ),
  protect: z
    .array(pattern)
    .prefault([])
    .describe(
      "Units that are never started or restarted, besides the built-in list (SSH, network, firewall, D-Bus, …).",
    ),
  crash_loop_restarts: z
    .number()
    .int()
    .min(1)
    .prefault(5)
    .describe("A unit that systemd itself restarted this often is crash-looping and left to people."),
  unit_failed: section("Units in the state failed.", timing({ interval: "30s", confirm: "30s" })).prefault(
    {},
  ),
  unit_inactive_expected: section(
    "Enabled services that do not run.",
    timing({ interval: "60s", confirm: "2m" }),
  ).prefault({}),
  timer_missed: section("Timers that did not run when they should have.", {
    ...timing({ interval: "60s", confirm: "0s" }),
    grace: duration("5m").describe("How long a due run may be late."),
    factor: z.number().min(1).prefault(2).describe("Late is also what last ran this many periods ago."),
  }).prefault({}),
});

export type Config = z.infer<typeof config>;

/** Whether a name is one of these, or begins as one that ends in `*`. */
export const matchesAny = (name: string, patterns: readonly string[]): boolean =>
  patterns.some((one) => (one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : name === one));
