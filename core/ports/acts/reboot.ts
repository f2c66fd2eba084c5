/** reboot: ask the host to boot again. The answer says that it was asked; what came of it shows after the boot. */
import { type ActDeps, type Carry, refused } from "./carry.ts";

const TIMEOUT_MS = 60_000;

export function createReboot({ exec }: ActDeps): Carry<"reboot"> {
  return async ({ command }, signal) => {
    const result = await exec.run(command, { signal, timeoutMs: TIMEOUT_MS });
    const data = { argv: command, exitCode: result.exitCode };
    if (result.exitCode === 0) return { ok: true, summary: "the host was asked to boot again", data };
    const why = result.timedOut ? "no answer within 60 s" : result.stderr.trim().split("\n")[0];
    return refused(`${command[0]} failed: ${why || `exit code ${result.exitCode}`}`, data);
  };
}
