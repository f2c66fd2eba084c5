/** psi_cpu, psi_memory, psi_io: /proc/pressure. The kernel keeps the means, so one reading tells all. */
import { formatRatio, isCortexError, judge, worstStatus } from "cortex";
import type { Check, CheckRun, PluginContext, Result, Skipped, Status } from "cortex";
import type * as z from "zod";
import { limits, section, thresholds, timing } from "../common/check-config.ts";
import { parsePressure } from "../common/proc/pressure.parse.ts";
import type { Pressure, PressureLine } from "../common/proc/pressure.parse.ts";
import { isSkipped, readOrSkip } from "../common/read.ts";

export const psiCpuConfig = section("Time that tasks waited for a processor.", {
  ...timing({ interval: "15s", confirm: "10m" }),
  ...limits("ratio", "Share of 5 minutes in which some task waited for a processor", {
    warning: 0.3,
    critical: 0.6,
    clearWarning: 0.2,
  }),
}).prefault({});

export const psiMemoryConfig = section("Time that tasks waited for memory.", {
  ...timing({ interval: "15s", confirm: "2m" }),
  some_warning_ratio: limits("ratio", "Share of a minute in which some task waited for memory", {
    warning: 0.1,
  }).warning_ratio,
  some_clear_ratio: limits("ratio", "Share of a minute in which some task waited for memory", {
    clearWarning: 0.03,
  }).clear_warning_ratio,
  full_critical_ratio: limits("ratio", "Share of a minute in which all tasks waited for memory", {
    critical: 0.05,
  }).critical_ratio,
  full_clear_ratio: limits("ratio", "Share of a minute in which all tasks waited for memory", {
    clearCritical: 0.01,
  }).clear_critical_ratio,
}).prefault({});

export const psiIoConfig = section("Time in which all tasks waited for disks.", {
  ...timing({ interval: "15s", confirm: "10m" }),
  ...limits("ratio", "Share of 5 minutes in which all tasks waited for disks", {
    warning: 0.1,
    critical: 0.3,
    clearWarning: 0.05,
  }),
}).prefault({});

const NO_PSI =
  "kernel has no /proc/pressure (Linux before 4.20, built without CONFIG_PSI, or booted without psi=1)";

/** Older kernels show the files with PSI switched off, and refuse to read them (EOPNOTSUPP). */
const isSwitchedOff = (error: unknown) =>
  isCortexError(error) && error.code === "fs.unreadable" && error.details?.["errno"] === "EOPNOTSUPP";

async function readPressure(ctx: PluginContext, resource: string): Promise<Pressure | Skipped> {
  const path = `/proc/pressure/${resource}`;
  try {
    const text = await readOrSkip(ctx.fs, path, NO_PSI);
    return isSkipped(text) ? text : parsePressure(text, path);
  } catch (error) {
    if (isSwitchedOff(error))
      return { skipped: "pressure stall information is switched off: boot with psi=1" };
    throw error;
  }
}

function metricsOf(resource: string, pressure: Pressure): Record<string, number> {
  const metrics: Record<string, number> = {};
  const add = (kind: string, line: PressureLine) => {
    const key = `pressure.${resource}_${kind}`;
    metrics[`${key}_10s_ratio`] = line.avg10Ratio;
    metrics[`${key}_60s_ratio`] = line.avg60Ratio;
    metrics[`${key}_300s_ratio`] = line.avg300Ratio;
    metrics[`${key}_seconds_total`] = line.totalSeconds;
  };
  add("some", pressure.some);
  if (pressure.full !== null) add("full", pressure.full);
  return metrics;
}

interface PressureCheck {
  name: string;
  resource: "cpu" | "memory" | "io";
  summary: string;
  config: { interval: number; confirm: number };
  judge(pressure: Pressure, previous: Status | null): { status: Status; summary: string };
}

function createPressureCheck(ctx: PluginContext, check: PressureCheck): Check {
  return {
    name: check.name,
    summary: check.summary,
    type: `pressure.${check.resource}`,
    nature: "measured",
    intervalMs: check.config.interval,
    confirmMs: check.config.confirm,
    async run(run: CheckRun): Promise<(Result | Skipped)[]> {
      const pressure = await readPressure(ctx, check.resource);
      if (isSkipped(pressure)) return [pressure];
      return [
        {
          target: "host",
          ...check.judge(pressure, run.previous("host")),
          metrics: metricsOf(check.resource, pressure),
        },
      ];
    },
  };
}

/** Before Linux 5.13 the cpu file has no full line; the share of `some` is what counts for processors anyway. */
export function createPsiCpu(ctx: PluginContext, config: z.infer<typeof psiCpuConfig>): Check {
  const limit = thresholds(config, "ratio");
  return createPressureCheck(ctx, {
    name: "psi_cpu",
    resource: "cpu",
    summary: "Time that tasks waited for a processor",
    config,
    judge: ({ some }, previous) => ({
      status: judge(some.avg300Ratio, limit, previous),
      summary: `tasks waited for a processor ${formatRatio(some.avg300Ratio)} of the last 5 min`,
    }),
  });
}

export function createPsiMemory(ctx: PluginContext, config: z.infer<typeof psiMemoryConfig>): Check {
  const someLimit = {
    warning: config.some_warning_ratio ?? undefined,
    clearWarning: config.some_clear_ratio ?? undefined,
  };
  const fullLimit = {
    critical: config.full_critical_ratio ?? undefined,
    clearCritical: config.full_clear_ratio ?? undefined,
  };
  return createPressureCheck(ctx, {
    name: "psi_memory",
    resource: "memory",
    summary: "Time that tasks waited for memory",
    config,
    judge: ({ some, full }, previous) => {
      const stalled = full?.avg60Ratio ?? 0;
      return {
        status: worstStatus([
          judge(some.avg60Ratio, someLimit, previous),
          judge(stalled, fullLimit, previous),
        ]),
        summary:
          `tasks waited for memory ${formatRatio(some.avg60Ratio)} of the last minute, ` +
          `all of them at once ${formatRatio(stalled)}`,
      };
    },
  });
}

export function createPsiIo(ctx: PluginContext, config: z.infer<typeof psiIoConfig>): Check {
  const limit = thresholds(config, "ratio");
  return createPressureCheck(ctx, {
    name: "psi_io",
    resource: "io",
    summary: "Time in which nothing ran because all tasks waited for disks",
    config,
    judge: ({ full }, previous) => {
      const stalled = full?.avg300Ratio ?? 0;
      return {
        status: judge(stalled, limit, previous),
        summary: `all tasks at once waited for disks ${formatRatio(stalled)} of the last 5 min`,
      };
    },
  });
}
