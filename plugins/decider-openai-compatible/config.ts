import { duration } from "cortex";
import * as z from "zod";

export const openaiCompatibleConfig = z.strictObject({
  base_url: z
    .url()
    .prefault("http://127.0.0.1:11434/v1")
    .describe("Address of the server up to /v1; the default is Ollama's on this host."),
  api_key: z
    .string()
    .min(1)
    .optional()
    .describe("Key, where the server wants one, as ${file:/path} or ${env:NAME}."),
  model: z.string().min(1).describe("Name of the model, as the server lists it."),
  min_confidence: z
    .number()
    .min(0)
    .max(1)
    .prefault(0.7)
    .describe("A yes below this is none: a person is asked."),
  max_tokens: z.number().int().min(200).max(8000).prefault(1500).describe("Longest answer."),
  request_timeout: duration("30s").describe("One request; models of one's own take their time."),
  order: z.number().int().prefault(50).describe("Judges are asked in ascending order until one answers."),
  price_in: z.number().min(0).prefault(0).describe("US dollars per million tokens read."),
  price_out: z.number().min(0).prefault(0).describe("US dollars per million tokens written."),
});
export type OpenaiCompatibleConfig = z.infer<typeof openaiCompatibleConfig>;
