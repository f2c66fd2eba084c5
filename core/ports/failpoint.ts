/**
 * Named places where a fault test may stop the program. Compiled in only by `bun run build --faults` (the constant
 * CORTEX_FAULTS); in the shipped binary the call and its text are gone.
 */
declare const CORTEX_FAULTS: boolean | undefined;

/** `CORTEX_FAILPOINT=name[:kill|:sleep-MS]` acts when that place is reached. */
export async function failpoint(name: string): Promise<void> {
  if (typeof CORTEX_FAULTS === "undefined" || !CORTEX_FAULTS) return;
  const [wanted, action = "kill"] = (process.env.CORTEX_FAILPOINT ?? "").split(":");
  if (wanted !== name) return;
  if (action === "kill") process.kill(process.pid, "SIGKILL");
  const sleepMs = Number(action.replace("sleep-", ""));
  if (Number.isFinite(sleepMs)) await new Promise((resolve) => setTimeout(resolve, sleepMs));
}
