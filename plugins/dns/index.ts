import { definePlugin, duration } from "cortex";
import * as z from "zod";
import { createDnsCheck } from "./dns.ts";

const name = z
  .string()
  .max(253)
  .regex(/^[a-zA-Z0-9_]([a-zA-Z0-9_-]*[a-zA-Z0-9_])?(\.[a-zA-Z0-9_]([a-zA-Z0-9_-]*[a-zA-Z0-9_])?)*$/, {
    error: "must be a host name",
  });

export default definePlugin({
  name: "dns",
  version: "1.0.0",
  sdk: 1,
  summary: "Whether this host finds names by its nameservers, and how fast.",
  config: z.strictObject({
    names: z
      .array(name)
      .max(10)
      .prefault([])
      .describe(
        "Names that must be found, three are good. The host's own full name is asked for in any case.",
      ),
    query_timeout: duration("2s").describe("A nameserver that takes longer gives no answer."),
    latency_warning: duration("500ms").describe("A warning when the median name takes longer than this."),
  }),
  modes: ["agent"],
  capabilities: ["fs-read", "net"],
  setup: (ctx, config) => ({ checks: [createDnsCheck(ctx, config)] }),
});
