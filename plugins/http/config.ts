import { bytes, duration, patternText } from "cortex";
import * as z from "zod";
import { limits } from "../common/check-config.ts";
import { ownerField } from "../common/probe.ts";

const STATUS_WORDS = 'must be a status, a list of them, or a class such as "2xx"';
const statusCode = z.number().int().min(100).max(599);

export const config = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).describe("What is asked for."),
  method: z.enum(["GET", "HEAD"]).prefault("GET").describe("GET or HEAD."),
  headers: z
    .record(z.string().max(100), z.string().max(4000))
    .prefault({})
    .describe("Headers sent along; they never follow a redirect to another origin."),
  status: z
    .union([statusCode, z.array(statusCode).min(1), z.string().regex(/^[1-5]xx$/, { error: STATUS_WORDS })], {
      error: STATUS_WORDS,
    })
    .prefault("2xx")
    .describe("What a good answer has: 200, [200, 401] or 2xx."),
  body_contains: z.string().min(1).max(1000).optional().describe("Text that a good answer holds."),
  body_matches: patternText()
    .optional()
    .describe("Pattern in RE2's syntax that occurs in the first 64 KiB of a good answer."),
  request_timeout: duration("10s").describe("A request that takes longer is a bad answer."),
  max_redirects: z
    .number()
    .int()
    .min(0)
    .max(10)
    .prefault(5)
    .describe("Redirects followed; 0 takes a redirect as the answer."),
  max_body: bytes("256KiB").describe(
    "How much of an answer is read to look for body_contains and body_matches.",
  ),
  owner: ownerField,
  window: duration("5m").describe("Bad answers are counted over this time."),
  ...limits("ratio", "Bad answers as a share of all within the window", { warning: 0.1, critical: 0.4 }),
  recover: z
    .number()
    .int()
    .min(1)
    .prefault(5)
    .describe("So many good answers in a row end an outage, whatever the window still holds."),
  latency_warning_factor: z
    .number()
    .min(1)
    .prefault(2)
    .describe("Median of the window against the usual 95th percentile: a warning at this multiple."),
  latency_critical_factor: z.number().min(1).prefault(4).describe("The same: critical at this multiple."),
  latency_floor: duration("250ms").describe("Answers faster than this are never slow."),
  latency_samples: z
    .number()
    .int()
    .min(20)
    .prefault(60)
    .describe("Minutes of good answers before anything is called usual."),
});

export type Config = z.infer<typeof config>;
