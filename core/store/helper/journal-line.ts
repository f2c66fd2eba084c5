import * as z from "zod";

/** One line of the helper's journal; each holds the hash of the one before. */
export const journalLine = z.strictObject({
  seq: z.number().int().positive(),
  /** Epoch ms. */
  at: z.number().int(),
  kind: z.enum(["opened", "began", "ended", "interrupted", "refused", "folded"]),
  data: z.record(z.string(), z.unknown()),
  prev: z.string(),
  hash: z.string(),
});
export type JournalLine = z.infer<typeof journalLine>;
