/** Root work done by a unit that the administrator put there; Cortex only starts it. */
import { type ApplyOutcome, type PluginContext, type Precondition, type RepairRun } from "cortex";
import { firstLine } from "./systemd-unit.ts";

const TIMEOUT_MS = 70_000;

/** What a repair says before it acts: whether this node lets it. */
export function mayDo(ctx: PluginContext, chore: string): Precondition {
  const way = ctx.privileges.chore(chore);
  const detail = way.by === "nobody" ? way.missing : way.by === "unit" ? `by ${way.unit}` : "as root";
  return { name: "has the right", ok: way.by !== "nobody", detail };
}

/** For the list of repairs: nothing, or the one thing that is missing. */
export function choreNeeds(ctx: PluginContext, chore: string): string[] {
  const way = ctx.privileges.chore(chore);
  return way.by === "nobody" ? [way.missing] : [];
}

/** Start the unit and wait for its end; a one-shot unit that failed makes systemctl fail. */
export async function startChore(ctx: PluginContext, unit: string, run: RepairRun): Promise<ApplyOutcome> {
  const argv = ["systemctl", "start", "--no-ask-password", "--", unit];
  const result = await ctx.exec.run(argv, { signal: run.signal, timeoutMs: TIMEOUT_MS });
  const data = { argv, exitCode: result.exitCode };
  if (result.exitCode === 0) return { ok: true, summary: `${unit} has run`, data };
  const why = result.timedOut ? `no end after ${TIMEOUT_MS / 1000} s` : firstLine(result);
  return { ok: false, summary: `${unit} failed: ${why}; look at "journalctl -u ${unit}"`, data };
}
