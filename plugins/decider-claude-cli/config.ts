import { duration } from "cortex";
import * as z from "zod";

export const claudeCliConfig = z.strictObject({
  program: z
    .string()
    .regex(/^(\/[^\0]*\/)?claude$/, "must be claude, or an absolute path that ends with /claude")
    .prefault("claude")
    .describe("The program; a bare name is looked up in the system's directories."),
  home: z
    .string()
    .startsWith("/")
    .prefault("/var/lib/cortex/claude")
    .describe("Its HOME: where it finds its login and keeps its own files."),
  api_key: z
    .string()
    .min(1)
    .optional()
    .describe("Key of the API in place of a login, as ${file:/path} or ${env:NAME}."),
  oauth_token: z
    .string()
    .min(1)
    .optional()
    .describe("Token of `claude setup-token` in place of a login, as ${file:/path}."),
  model: z.string().min(1).prefault("claude-haiku-5-5").describe("Full name of the model, no alias."),
  min_confidence: z
    .number()
    .min(0)
    .max(1)
    .prefault(0.7)
    .describe("A yes below this is none: a person is asked."),
  request_timeout: duration("60s").describe(
    "One question, with the start of the program; then it is killed.",
  ),
  max_cost: z.number().min(0.0001).max(10).prefault(0.1).describe("US dollars for one question at most."),
  order: z.number().int().prefault(30).describe("Judges are asked in ascending order until one answers."),
});
export type ClaudeCliConfig = z.infer<typeof claudeCliConfig>;
