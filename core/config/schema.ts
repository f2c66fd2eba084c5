/**
 * The whole configuration as one strict schema: parser, defaults, example, JSON schema and reference in one. Every
 * duration and limit that decides behaviour is a key here. Keys are snake_case; durations and sizes are strings.
 * `plugins` is checked in a second step against the registry (core/config/plugins.ts), because core knows no plugin.
 */
import { bytes, duration } from "cortex";
import * as z from "zod";
import { isAllowEntry } from "../ports/egress.ts";

const text = z.string().max(500);
const labels = z.record(z.string().max(100), text);

export const nodeConfig = z
  .strictObject({
    name: text.optional().describe("Name shown for this node. Default: the host name."),
    labels: labels.prefault({}).describe("Labels for policy and filters."),
    group: text.nullable().prefault(null).describe("Redundancy group this node belongs to."),
    tags: z.array(text).prefault([]).describe("Policy tags of the whole node: stateful, critical, …"),
  })
  .prefault({});

export const serverConfig = z
  .strictObject({
    listen: text.prefault("127.0.0.1:7600").describe("Address and port of API and dashboard."),
    public_url: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .optional()
      .describe("How others reach this server, for join commands and links. Default: the listen address."),
    tls: z
      .strictObject({
        cert: text
          .optional()
          .describe("Certificate with its chain (PEM). It is read again when the file changes."),
        key: text.optional().describe("Private key of the certificate (PEM, not readable for everybody)."),
        self_signed: z
          .boolean()
          .prefault(false)
          .describe("Make a certificate here, for a laboratory; its fingerprint is printed at the start."),
      })
      .prefault({})
      .describe("Serve HTTPS. Without it, only the loopback address is served."),
    allow_insecure_http: z
      .boolean()
      .prefault(false)
      .describe(
        "Serve plain HTTP on other addresses than loopback: for a proxy in a container's own network. Whoever can listen in on it reads passwords and keys.",
      ),
    allowed_hosts: z
      .array(text)
      .prefault([])
      .describe("Host names accepted in the Host header besides the listen address and localhost."),
    trusted_proxies: z
      .array(
        z.union(
          [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
          "must be an address or a range such as 10.0.0.0/8",
        ),
      )
      .prefault([])
      .describe(
        "Reverse proxies, as addresses or ranges, whose X-Forwarded-For names the client; from others it is ignored.",
      ),
    metrics_on_loopback: z
      .boolean()
      .prefault(false)
      .describe("Serve /metrics without a key to clients on the loopback address."),
    session_idle: duration("30m").describe("A session ends after this time without a request."),
    session_max: duration("12h").describe("A session ends after this time in any case."),
    session_recent: duration("5m").describe(
      "Acts that widen somebody's power are asked for a proof when the last one is older than this.",
    ),
    require_second_factor: z
      .enum(["none", "admins", "all"])
      .prefault("none")
      .describe(
        "Who must show a second factor, a passkey or an identity provider: people with the role admin anywhere, all, or none. Others may.",
      ),
    max_body: bytes("1MiB").describe("Largest request body."),
    request_rate: z
      .number()
      .min(1)
      .prefault(20)
      .describe("Requests per second of one user or key; three times as many in a burst."),
    ingest_rate: z
      .number()
      .min(1)
      .prefault(10)
      .describe("Messages per second of one node over HTTP; ten times as many in a burst."),
  })
  .prefault({});

export const engineConfig = z
  .strictObject({
    tick: duration("1s").describe("Due checks run together at this step, so that they share readings."),
    check_timeout: duration("10s").describe("A check that takes longer is unknown."),
    boot_grace: duration("5m").describe(
      "Measured values open no problem for this long after the host booted.",
    ),
    clear_backoff: duration("5m").describe("A measured value must stay below its clear threshold this long."),
    clear_factor: z
      .number()
      .min(1)
      .prefault(1.5)
      .describe("Each reopening multiplies the clear back-off by this."),
    clear_max: duration("1h").describe("Longest clear back-off."),
    flap_window: z.number().int().min(5).max(100).prefault(20).describe("Results looked at for flapping."),
    flap_start: z.number().min(0).max(1).prefault(0.3).describe("Share of changes at which flapping starts."),
    flap_end: z.number().min(0).max(1).prefault(0.25).describe("Share of changes under which flapping ends."),
    stale_after: z.number().int().min(1).prefault(3).describe("Missed intervals until a target is unknown."),
  })
  .prefault({});

export const verifyConfig = z
  .strictObject({
    stable: duration("60s").describe("The failing check must be ok and the target stable this long."),
    watch: duration("5m").describe("After that, the target and its dependants are watched this long."),
    interval: duration("5s").describe("Longest pause between two looks while verifying."),
    timeout: duration("2m").describe(
      "The check must be ok for the first time within this time after the act.",
    ),
  })
  .prefault({});

export const breakerConfig = z
  .strictObject({
    attempts: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .prefault(3)
      .describe("Attempts per target within the window."),
    window: duration("1h").describe("Time over which attempts are counted."),
    waits: z
      .array(duration())
      .prefault(["0s", "1m", "3m"])
      .describe("Waits before the first, second, third … attempt; the last one repeats."),
    open: duration("6h").describe("How long the breaker stays open; checking goes on."),
  })
  .prefault({});

export const AUTONOMY = ["act", "ask", "observe"] as const;
const level = z.enum(["L1", "L2", "L3"]);

export const policyConfig = z
  .strictObject({
    autonomy: z
      .enum(AUTONOMY)
      .prefault("act")
      .describe(
        "act: repair what is safe. ask: every repair waits for a decision. observe: only say what would be done.",
      ),
    rules: z
      .array(
        z.strictObject({
          repair: text.optional().describe("Repair name; a trailing * matches the rest."),
          owner: text
            .optional()
            .describe("Owner, for example unit:nginx.service; a trailing * matches the rest."),
          tag: text.optional().describe("A tag of the target or node."),
          autonomy: z.enum(AUTONOMY).optional(),
          level: level.optional().describe("Never above what the class allows."),
        }),
      )
      .prefault([])
      .describe("First match wins. A rule may only make repairs more careful than their class."),
    cooldown: duration("10m").describe("After a success; a failure within it is the next attempt."),
    healed_count: z.number().int().min(2).prefault(3).describe("Successes that raise healed too often."),
    healed_window: duration("24h").describe("Time over which successes are counted."),
    boot_guard: duration("5m").describe(
      "No repair this soon after the host booted; supervised processes are exempt.",
    ),
    proposal_ttl: duration("4h").describe("A proposal waits this long for a decision, then becomes L3."),
    approval_ttl: duration("10m").describe("An approval is good for this long; 10 minutes are the most."),
    two_people: z
      .boolean()
      .prefault(true)
      .describe("Two different people for acts on data that can't be undone, and for several nodes at once."),
    learn_after: z
      .number()
      .int()
      .min(3)
      .max(100)
      .prefault(5)
      .describe("A rule is proposed after this many verdicts of people in a row that agree."),
    learned_ttl: duration("90d").describe("A rule that was learned ends after this."),
    protected_units: z
      .array(text)
      .prefault([])
      .describe("Units that no decision stops, besides those that are protected anyway."),
    min_generations: z
      .number()
      .int()
      .min(1)
      .prefault(3)
      .describe("Backups and snapshots that must be left whatever is decided."),
    judge_deadline: duration("20s").describe("A judge that takes longer leaves it to a person."),
    judge_daily_usd: z
      .number()
      .min(0)
      .prefault(1)
      .describe("What judges may cost within 24 hours, US dollars."),
    judge_per_problem: z
      .number()
      .int()
      .min(0)
      .prefault(6)
      .describe("Questions to judges about one problem within 24 hours."),
    judge_twin: z
      .boolean()
      .prefault(true)
      .describe("Ask a judge that says yes again without untrusted text; a stricter answer then counts."),
    lock_files: z
      .array(text)
      .prefault([
        "/var/lib/dpkg/lock-frontend",
        "/var/lib/dpkg/lock",
        "/var/lib/rpm/.rpm.lock",
        "/var/cache/dnf/metadata_lock.pid",
        "/run/lock/cortex-deploy.lock",
      ])
      .describe("Nothing is repaired while a process holds a lock on one of these files."),
    clean_roots: z
      .array(text)
      .prefault(["/tmp", "/var/tmp", "/var/log"])
      .describe("Folders below which cleaners may delete at all; nothing outside is ever touched."),
    evidence_budget: duration("250ms").describe("Time for all evidence collectors together."),
    min_promise: z
      .number()
      .min(0)
      .max(1)
      .prefault(0.05)
      .describe("A cleaner must promise this share of the file system."),
    max_per_hour: z.number().int().min(1).prefault(10).describe("Repairs of one node per hour."),
    fleet_share: z.number().min(0).max(1).prefault(0.1).describe("Share of a group repaired at a time."),
    fleet_window: duration("10m").describe("Time over which the fleet share counts."),
    common_cause_share: z
      .number()
      .min(0)
      .max(1)
      .prefault(0.2)
      .describe("Share of a group with one failing check that stops its repair."),
    common_cause_min: z
      .number()
      .int()
      .min(1)
      .prefault(3)
      .describe("At least this many nodes for a common cause."),
  })
  .prefault({});

export const privilegesConfig = z
  .strictObject({
    units: z
      .array(text)
      .prefault([])
      .describe(
        "Units of systemd that Cortex may start, restart and reload where it does not run as root, besides the declared services; exact names.",
      ),
    file: text
      .prefault("/etc/cortex/privileges.json")
      .describe("Where `cortex privileges install` wrote down what was granted."),
  })
  .prefault({});

export const userPluginsConfig = z
  .strictObject({
    load: z
      .enum(["allow_listed", "any"])
      .optional()
      .describe(
        "allow_listed: only plugins that plugins.lock names by the hash of each file (cortex plugin allow). any: every one whose files nobody else can write. Default: allow_listed where a plugins.lock lies beside the folder, as the installer makes one; else any.",
      ),
    cage: z
      .enum(["require", "prefer"])
      .prefault("prefer")
      .describe("require: where this host offers no cage (bubblewrap, Landlock, seccomp), no plugin runs."),
    memory: bytes("256MiB").describe("Memory of one plugin's processes; one that uses more is stopped."),
  })
  .prefault({});

export const retentionConfig = z
  .strictObject({
    inspections: duration("7d").describe("History of check runs."),
    problems: duration("90d").describe("Resolved problems."),
    evidence: duration("30d").describe("Evidence bundles."),
    metrics_raw: duration("2d").describe("Metrics as reported."),
    metrics_rollup: duration("90d").describe("Metrics rolled up to 5 minutes."),
    metrics_budget: bytes("1GiB").describe("Disk budget of metrics.db; the oldest go first."),
    spool_rows: z
      .number()
      .int()
      .min(1000)
      .prefault(50_000)
      .describe("Messages kept for an unreachable Monitor."),
    backups: z.number().int().min(1).prefault(5).describe("Automatic backups kept before migrations."),
  })
  .prefault({});

export const linkConfig = z
  .strictObject({
    report: duration("15s").describe("How often results and metrics are reported."),
    heartbeat: duration("30s").describe("How often the node says that it lives."),
    late_after: z.number().int().min(2).prefault(3).describe("Missed heartbeats until a node is late."),
    offline_after: z
      .number()
      .int()
      .min(3)
      .prefault(10)
      .describe("Missed heartbeats until a node is offline."),
  })
  .prefault({});

export const enrolConfig = z
  .strictObject({
    max_pending: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .prefault(500)
      .describe("Nodes that wait for approval, at most; more are turned away."),
    pending: duration("7d").describe("A node that nobody approved is forgotten after this time."),
  })
  .prefault({});

export const ROLES = ["both", "agent", "monitor"] as const;

export const upstreamConfig = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .optional()
      .describe("Another address for the Monitor this node has joined; the key stays the one of the join."),
    allow_insecure_http: z
      .boolean()
      .prefault(false)
      .describe("Report over plain HTTP to another machine. Whoever is on the way can read everything."),
    rotate_key: duration("90d").describe("The node gives itself a new key this often."),
  })
  .prefault({});

export const logConfig = z
  .strictObject({
    level: z
      .enum(["debug", "info", "warning", "error"])
      .prefault("info")
      .describe("Least severe level written."),
    format: z.enum(["json", "text"]).prefault("json").describe("JSON lines, or text for people."),
  })
  .prefault({});

export const egressConfig = z
  .strictObject({
    allow: z
      .array(
        text.refine(isAllowEntry, {
          error: "must be an address, a range such as 10.0.0.0/8, or a host name, with :PORT for one port",
        }),
      )
      .prefault([])
      .describe(
        "Destinations in the own network that alerts and webhooks may reach besides the Internet: addresses, ranges, host names (*.example.net), each with :PORT for one port.",
      ),
    proxy: text
      .refine((url) => /^https?:\/\/[^\s/]+\/?$/.test(url), {
        error: "must be a URL such as http://proxy.example:3128",
      })
      .nullable()
      .prefault(null)
      .describe("HTTP proxy for alerts and webhooks. Proxies of the environment are never used."),
  })
  .prefault({});

export const secretsConfig = z
  .strictObject({
    key_file: text
      .optional()
      .describe(
        "Key that encrypts stored secrets; made when it is first needed, outside the data folder. Default: /etc/cortex/kek as root, else the XDG config folder. A systemd credential cortex-kek goes before it.",
      ),
  })
  .prefault({});

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
  link: linkConfig,
  role: z
    .enum(ROLES)
    .optional()
    .describe("What this program does here. Default: agent on a node that has joined a Monitor, else both."),
  upstream: upstreamConfig,
  enrol: enrolConfig,
  log: logConfig,
  egress: egressConfig,
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
