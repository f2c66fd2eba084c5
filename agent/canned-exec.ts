/** Programs that say what a case of a plugin has them say; nothing is started. */
import { CortexError, type Exec } from "cortex";
import * as z from "zod";

const answers = z.record(
  z.string(),
  z.strictObject({
    stdout: z.string().optional(),
    stderr: z.string().optional(),
    exitCode: z.number().int().optional(),
  }),
);

/** `{ "mailq -j": { "stdout": "…" } }`: the command line, and what comes of it. Errors: `plugin.case`. */
export function cannedExec(said: unknown): Exec {
  const parsed = answers.safeParse(said);
  if (!parsed.success)
    throw new CortexError("plugin.case", "invalid", `exec.json: ${parsed.error.issues[0]?.message}`);
  const lines = parsed.data;
  const names = new Set(Object.keys(lines).map((line) => line.split(" ")[0]!));
  return {
    which: (name) => (names.has(name) ? name : null),
    async run(argv) {
      const answer = lines[argv.join(" ")];
      if (answer === undefined)
        throw new CortexError("plugin.case", "not_found", `exec.json has no answer for: ${argv.join(" ")}`);
      const { stdout = "", stderr = "", exitCode = 0 } = answer;
      return { argv, exitCode, stdout, stderr, timedOut: false, truncated: false, durationMs: 0 };
    },
  };
}
