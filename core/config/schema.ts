/**
 * The whole configuration as one strict schema: parser, defaults, example, JSON schema and reference in one. Every
 * duration and limit that decides behaviour is a key here. Keys are snake_case; durations and sizes are strings.
 * `plugins` is checked in a second step against the registry (core/config/plugins.ts), because core knows no plugin.
 */
import { duration } from "cortex";
import * as z from "zod";
import { backupConfig } from "./sections/backup.ts";
import { breakerConfig, engineConfig, verifyConfig } from "./sections/engine.ts";
import { enrolConfig, linkConfig, ROLES, upstreamConfig } from "./sections/network.ts";
import {
  logConfig,
  nodeConfig,
  privilegesConfig,
  retentionConfig,
  userPluginsConfig,
} from "./sections/node.ts";
import { policyConfig } from "./sections/policy.ts";
import { egressConfig, redactConfig, secretsConfig, serverConfig } from "./sections/server.ts";
import { AUTONOMY, labels, level, text } from "./sections/shared.ts";

export const configSchema = z.strictObject({
  version: z.literal(1).prefault(1).describe("Version of this file's format."),
  host_root: text
    .prefault("/")
    .describe("Root of the inspected host; another folder when it is mounted elsewhere."),
  data_dir: text
    .optional()
    .describe("Data folder. Default: /var/lib/cortex as root, else the XDG state folder."),
  plugins_dir: text
    .optional()
    .describe("Folder of your own plugins. Default: /etc/cortex/plugins as root, else XDG."),
  node: nodeConfig,
  server: serverConfig,
  engine: engineConfig,
  verify: verifyConfig,
  breaker: breakerConfig,
  policy: policyConfig,
  privileges: privilegesConfig,
  user_plugins: userPluginsConfig,
  retention: retentionConfig,
  backup: backupConfig,
  link: linkConfig,
  role: z
    .enum(ROLES)
    .optional()
    .describe("What this program does here. Default: agent on a node that has joined a Monitor, else both."),
  upstream: upstreamConfig,
  enrol: enrolConfig,
  log: logConfig,
  egress: egressConfig,
  redact: redactConfig,
  secrets: secretsConfig,
  plugins: z
    .record(z.string(), z.unknown())
    .prefault({})
    .describe("One entry per plugin: a list of instances with id, or a single object."),
});
export type Config = z.infer<typeof configSchema>;

/** Keys that every plugin instance takes besides its own. */
export const instanceConfig = z.strictObject({
  id: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/)
    .prefault("default")
    .describe("Name of the instance."),
  enabled: z.boolean().prefault(true).describe("false switches it off."),
  interval: duration().optional().describe("How often its checks run."),
  schedule: text.optional().describe("Cron expression instead of an interval, for example 0 3 * * *."),
  confirm: duration().optional().describe("How long a bad state must last to become a problem."),
  timeout: duration().optional().describe("A run that takes longer is unknown."),
  level: level.optional().describe("Least careful level for its problems."),
  autonomy: z.enum(AUTONOMY).optional().describe("Autonomy for its problems."),
  tags: z.array(text).optional().describe("Policy tags for its targets."),
  labels: labels.optional().describe("Labels for its results."),
});
export type InstanceConfig = z.infer<typeof instanceConfig>;

/** One configured instance: host keys apart from the plugin's own (already parsed by the plugin's schema). */
export interface PluginInstance {
  plugin: string;
  id: string;
  host: InstanceConfig;
  config: unknown;
}
