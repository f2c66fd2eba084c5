/** A command that people configure to tell whether something is good: words, no shell. */
import * as z from "zod";

export const testCommand = z
  .array(z.string().min(1).max(4096))
  .min(1)
  .max(100)
  .refine(([program]) => program?.startsWith("/"), {
    error: "must begin with the absolute path of a program",
  });
