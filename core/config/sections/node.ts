/** What this node is and what it may do and keep. */
import { bytes, duration } from "cortex";
import * as z from "zod";
import { labels, text } from "./shared.ts";

export const nodeConfig = z
  .strictObject({
    name: text.optional().describe("Name shown for this node. Default: the host name."),
    labels: labels.prefault({}).describe("Labels for policy and filters."),
    group: text.nullable().prefault(null).describe("Redundancy group this node belongs to."),
    tags: z.array(text).prefault([]).describe("Policy tags of the whole node: stateful, critical, …"),
  })
  .prefault({});

export const privilegesConfig = z
  .strictObject({
    units: z
      .array(text)
      .prefault([])
      .describe(
        "Units of systemd that Cortex may start, restart and reload where it does not run as root, besides the declared services; exact names.",
      ),
    file: text
      .prefault("/etc/cortex/privileges.json")
      .describe("Where `cortex privileges install` wrote down what was granted."),
    helper: z
      .strictObject({
        socket: text
          .prefault("/run/cortex/helper.sock")
          .describe("Where the privileged helper listens, where one is installed."),
        policy: text
          .prefault("/etc/cortex/helper.yaml")
          .describe("What root lets it do; Cortex reads it to know whom to ask, and can't change it."),
      })
      .prefault({}),
  })
  .prefault({});

export const userPluginsConfig = z
  .strictObject({
    load: z
      .enum(["allow_listed", "any"])
      .optional()
      .describe(
        "allow_listed: only plugins that plugins.lock names by the hash of each file (cortex plugin allow). any: every one whose files nobody else can write. Default: allow_listed where a plugins.lock lies beside the folder, as the installer makes one; else any.",
      ),
    cage: z
      .enum(["require", "prefer"])
      .prefault("prefer")
      .describe("require: where this host offers no cage (bubblewrap, Landlock, seccomp), no plugin runs."),
    memory: bytes("256MiB").describe("Memory of one plugin's processes; one that uses more is stopped."),
  })
  .prefault({});

export const retentionConfig = z
  .strictObject({
    inspections: duration("7d").describe("History of check runs."),
    problems: duration("90d").describe("Resolved problems."),
    evidence: duration("30d").describe("Evidence bundles."),
    metrics_raw: duration("2d").describe("Metrics as reported."),
    metrics_rollup: duration("90d").describe("Metrics rolled up to 5 minutes."),
    metrics_budget: bytes("1GiB").describe("Disk budget of metrics.db; the oldest go first."),
    spool_rows: z
      .number()
      .int()
      .min(1000)
      .prefault(50_000)
      .describe("Messages kept for an unreachable Monitor."),
  })
  .prefault({});

export const logConfig = z
  .strictObject({
    level: z
      .enum(["debug", "info", "warning", "error"])
      .prefault("info")
      .describe("Least severe level written."),
    format: z
      .enum(["auto", "json", "text"])
      .prefault("auto")
      .describe("JSON lines, or text for people; auto: text on a terminal, JSON elsewhere."),
  })
  .prefault({});
