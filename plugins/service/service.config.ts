import { bytes, duration } from "cortex";
import * as z from "zod";
import { unitName } from "../common/systemd-unit.ts";

const argv = z.array(z.string().min(1).max(4096)).min(1).max(200);
const absoluteArgv = argv.refine((words) => words[0]!.startsWith("/"), {
  error: "must begin with the absolute path of a program",
});
const signal = z.enum(["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"]);
const ownerName = z.string().regex(/^[a-z][a-z0-9_-]*:\S+$/, {
  error: 'must be an owner or a target, such as "mount:/data" or "process:db"',
});

export const serviceConfig = z
  .strictObject({
    manager: z
      .enum(["process", "systemd"])
      .prefault("process")
      .describe("Who runs it: process (Cortex starts and supervises it itself) or systemd."),
    start: absoluteArgv
      .optional()
      .describe("Program with its arguments, in the foreground; no shell. Needed with manager: process."),
    unit: unitName.optional().describe("Full unit name. Needed with manager: systemd."),
    port: z
      .number()
      .int()
      .min(1)
      .max(65535)
      .optional()
      .describe("TCP port that it listens on when it is well."),
    address: z.string().max(100).prefault("127.0.0.1").describe("Address on which that port is reached."),
    ready: duration("10s").describe("How long a start may take until the port accepts connections."),
    cwd: z.string().startsWith("/").prefault("/").describe("Working directory."),
    env: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string())
      .prefault({})
      .describe("Environment besides PATH and LANG; nothing is inherited from Cortex."),
    user: z
      .string()
      .regex(/^[a-z_][a-z0-9_.-]{0,31}\$?$/)
      .optional()
      .describe("User to run as, with its primary group. Needs root."),
    stop_signal: signal.prefault("SIGTERM").describe("Signal that asks it to end."),
    stop_timeout: duration("10s").describe("After this time it is killed, once."),
    reload_signal: signal
      .optional()
      .describe("Signal on which it reads its configuration again; without it there is no reload."),
    config_test: absoluteArgv
      .optional()
      .describe("Command that checks its configuration (exit code 0: good). Well-known programs need none."),
    on_stop: z
      .enum(["keep", "stop"])
      .prefault("keep")
      .describe("What happens to it when Cortex ends: keep (it runs on and is adopted later) or stop."),
    depends_on: z
      .array(ownerName)
      .prefault([])
      .describe("What it stands on; while one of these is bad, it is not repaired."),
    log_max: bytes("10MiB").describe("Size at which its log is cut; one older part of this size is kept."),
  })
  .superRefine((config, context) => {
    const issue = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (config.manager === "process" && !config.start) issue("start", "is needed with manager: process");
    if (config.manager === "process" && config.unit) issue("unit", "goes with manager: systemd");
    if (config.manager === "systemd" && !config.unit) issue("unit", "is needed with manager: systemd");
    if (config.manager === "systemd" && config.start) issue("start", "goes with manager: process");
  });

export type ServiceConfig = z.infer<typeof serviceConfig>;
