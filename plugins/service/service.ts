import { messageOf, type PluginContext, type PluginHooks } from "cortex";
import { createPortGuard } from "./port-guard.ts";
import { createServiceCheck, judgeProcess, judgeUnit } from "./service.check.ts";
import type { ServiceConfig } from "./service.config.ts";
import { createServiceRepairs } from "./service.repairs.ts";
import { createSupervisor } from "./supervisor.ts";

export function setupService(ctx: PluginContext, config: ServiceConfig): PluginHooks {
  const { instance } = ctx;
  const guard = config.port === undefined ? null : createPortGuard(ctx, config.address, config.port);
  if (config.manager === "systemd") {
    const owner = `unit:${config.unit}`;
    return { checks: [createServiceCheck(ctx, config, owner, judgeUnit(ctx, config, guard))] };
  }
  const owner = `process:${instance}`;
  const supervisor = createSupervisor(ctx, config, () => ctx.wake("service"));

  /** At start-up a declared service runs: taken over, or started as supervision, which is neither problem nor intent. */
  async function supervise(): Promise<void> {
    const adopted = await supervisor.adopt();
    if (adopted) return ctx.log.info("declared service adopted", { instance, pid: adopted.identity.pid });
    if (ctx.hasIntentInFlight(owner)) return;
    const port = await guard?.look(supervisor.state.read().running?.identity ?? null, false);
    if (port?.kind === "stranger")
      return ctx.log.warn("declared service not started: its port is held by another process", { instance });
    try {
      const { identity } = await supervisor.launch(ctx.signal);
      const data = { owner, pid: identity.pid, argv: config.start };
      ctx.note(`started ${instance} as process ${identity.pid}: it is declared and was not running`, data);
    } catch (error) {
      ctx.log.warn("declared service could not be started", { instance, reason: messageOf(error) });
    }
    ctx.wake("service");
  }

  return {
    checks: [createServiceCheck(ctx, config, owner, judgeProcess(ctx, config, supervisor, guard))],
    repairs: createServiceRepairs(ctx, config, owner, supervisor, guard),
    // Without a data folder (`cortex inspect`) nothing is supervised, only looked at.
    start: () => (ctx.paths.services === null ? undefined : supervise()),
    async stop() {
      supervisor.close();
      // The instance's own signal is already aborted here; ending the process has its own limits.
      if (config.on_stop === "stop" && supervisor.state.current())
        await supervisor.stop(new AbortController().signal);
    },
  };
}
