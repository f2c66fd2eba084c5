/** Nodes and their Monitor. */
import { duration } from "cortex";
import * as z from "zod";

export const ROLES = ["both", "agent", "monitor"] as const;

export const linkConfig = z
  .strictObject({
    report: duration("15s").describe("How often results and metrics are reported."),
    heartbeat: duration("30s").describe("How often the node says that it lives."),
    late_after: z.number().int().min(2).prefault(3).describe("Missed heartbeats until a node is late."),
    offline_after: z
      .number()
      .int()
      .min(3)
      .prefault(10)
      .describe("Missed heartbeats until a node is offline."),
  })
  .prefault({});

export const enrolConfig = z
  .strictObject({
    max_pending: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .prefault(500)
      .describe("Nodes that wait for approval, at most; more are turned away."),
    pending: duration("7d").describe("A node that nobody approved is forgotten after this time."),
  })
  .prefault({});

export const upstreamConfig = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .optional()
      .describe("Another address for the Monitor this node has joined; the key stays the one of the join."),
    allow_insecure_http: z
      .boolean()
      .prefault(false)
      .describe("Report over plain HTTP to another machine. Whoever is on the way can read everything."),
    rotate_key: duration("90d").describe("The node gives itself a new key this often."),
  })
  .prefault({});
