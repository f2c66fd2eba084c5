import { duration } from "cortex";
import * as z from "zod";

const price = z.strictObject({
  input: z.number().min(0).describe("US dollars per million tokens read."),
  output: z.number().min(0).describe("US dollars per million tokens written."),
});

export const claudeConfig = z.strictObject({
  api_key: z.string().min(1).optional().describe("Key of the API, as ${file:/path} or ${env:NAME}."),
  base_url: z.url().prefault("https://api.anthropic.com").describe("Address of the API or of a gateway."),
  model: z.string().min(1).prefault("claude-haiku-5-5").describe("Asked first."),
  second_model: z
    .string()
    .min(1)
    .nullable()
    .prefault("claude-sonnet-5-5")
    .describe("Asked when the first one wants a person; null: nobody else is asked."),
  min_confidence: z
    .number()
    .min(0)
    .max(1)
    .prefault(0.7)
    .describe("A yes below this is none: the second model is asked, then a person."),
  max_tokens: z.number().int().min(200).max(8000).prefault(1500).describe("Longest answer."),
  request_timeout: duration("8s").describe("One request; a model that takes longer is tried once more."),
  retries: z.number().int().min(0).max(3).prefault(1).describe("After an overloaded or broken answer."),
  order: z.number().int().prefault(10).describe("Judges are asked in ascending order until one answers."),
  prices: z
    .record(z.string(), price)
    .prefault({
      "claude-haiku-5-5": { input: 0.1, output: 0.5 },
      "claude-sonnet-5-5": { input: 2, output: 10 },
      "claude-opus-5-5": { input: 4, output: 20 },
    })
    .describe("What models cost, for the caps and the ledger; one that is not listed counts as the dearest."),
});
export type ClaudeConfig = z.infer<typeof claudeConfig>;
