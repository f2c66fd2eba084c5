/** A believable fleet for the fake API: states of every kind, times relative to one moment. */
import type {
  AutonomyItem,
  Decision,
  Check,
  HoldState,
  Intent,
  NodeItem,
  Plugin,
  Problem,
  Result,
} from "../data/types.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let serial = 0;
/** Ids that look like those of the program and are the same in every run. */
const uuid = () => `019a6f2e-${(0x1000 + serial++).toString(16)}-7c41-9b3e-5d20c4a1f00${serial % 10}`;
const hex = (length: number) => "3f9ac1e07b52d84619".repeat(4).slice(0, length);

const nodeIdOf = (name: string) =>
  `n_${name
    .replace(/[^a-z2-7]/g, "")
    .padEnd(26, "a")
    .slice(0, 26)}`;

export interface Fleet {
  nodes: NodeItem[];
  problems: Problem[];
  intents: Intent[];
  decisions: Decision[];
  autonomy: AutonomyItem[];
  checks: Check[];
  plugins: Plugin[];
}

export const emptyFleet = (): Fleet => ({
  nodes: [],
  problems: [],
  intents: [],
  decisions: [],
  autonomy: [],
  checks: [],
  plugins: [],
});

/** What a node said last about what it looks at. */
export function resultsOf(node: NodeItem, fleet: Fleet, now: number): Result[] {
  const at = new Date(now - 9 * SECOND).toISOString();
  const bad = fleet.problems
    .filter((problem) => problem.node === node.id && problem.state === "open")
    .map(({ check, instance, target, status, summary }) => ({ check, instance, target, status, summary }));
  const good = ["/", "/boot", "/home"].map((target, index) => ({
    check: "fs_space",
    instance: "default",
    target,
    status: "ok" as const,
    summary: `${target} is ${31 + index * 9}.4 % full, ${120 - index * 30} GiB left`,
  }));
  const units = ["ssh.service", "cron.service", "chrony.service"].map((target) => ({
    check: "service",
    instance: "default",
    target,
    status: "ok" as const,
    summary: "active (running) for 41 d",
  }));
  return [...bad, ...good, ...units].map((result) => ({
    ...result,
    metrics: {},
    labels: {},
    observe: false,
    at,
  }));
}

type Ratios = [cpu: number, memory: number, disk: number];

/** A day that ends in this state. */
function historyOf(state: NodeItem["state"] = "online"): string {
  if (state === "degraded") return "40o2w51o3c";
  if (state === "late") return "30.65o1l";
  return state === "offline" ? "70o1c11o1l13x" : "96o";
}

export function fleetAt(now: number): Fleet {
  serial = 0;
  const iso = (ago: number) => new Date(now - ago).toISOString();

  const node = (
    name: string,
    group: string | null,
    ratios: Ratios | null,
    more: Partial<NodeItem> = {},
  ): NodeItem => ({
    id: nodeIdOf(name),
    node: nodeIdOf(name),
    nodeName: name,
    name,
    state: "online",
    labels: { site: name.endsWith("fra") ? "fra1" : "ams2" },
    group,
    tags: group === "db" ? ["stateful"] : [],
    os: "Debian GNU/Linux 13 (trixie)",
    kernel: "6.12.48-amd64",
    version: "0.1.0",
    arch: "x64",
    cpuCount: 8,
    memoryBytes: 32 * 1024 ** 3,
    uptimeSeconds: 41 * 86_400,
    spooled: 0,
    connected: true,
    firstSeenAt: iso(190 * 24 * HOUR),
    lastSeenAt: iso(9 * SECOND),
    lastReportAt: iso(9 * SECOND),
    problems: { observe: 0, info: 0, warning: 0, critical: 0 },
    results: { ok: 41, warning: 0, critical: 0, unknown: 0 },
    openProblems: 0,
    worst: "ok",
    repairs: true,
    history: { slot: Math.floor(now / 900_000), states: historyOf(more.state) },
    metrics: ratios === null ? {} : { cpuRatio: ratios[0], memoryRatio: ratios[1], diskRatio: ratios[2] },
    ...more,
  });

  const nodes = [
    node("web-1.ams", "web", [0.31, 0.44, 0.52]),
    node("web-2.ams", "web", [0.28, 0.47, 0.51]),
    node("web-3.fra", "web", [0.12, 0.39, 0.49], { state: "degraded", openProblems: 1, worst: "critical" }),
    node("db-1.ams", "db", [0.47, 0.83, 0.93], { state: "degraded", openProblems: 2, worst: "critical" }),
    node("db-2.fra", "db", [0.22, 0.71, 0.64]),
    node("queue-1.ams", "queue", [0.09, 0.26, 0.33], { repairs: false }),
    node("backup-1.fra", null, [0.04, 0.18, 0.81], { state: "degraded", openProblems: 1, worst: "warning" }),
    node("edge-7.home", "edge", [0.62, 0.91, 0.4], {
      state: "late",
      lastSeenAt: iso(2 * MINUTE),
      os: "Alpine Linux v3.22",
    }),
    node("edge-9.home", "edge", [0.1, 0.3, 0.2], {
      state: "offline",
      lastSeenAt: iso(3.4 * HOUR),
      os: "Alpine Linux v3.22",
    }),
    node("build-2.ams", "ci", [0.97, 0.58, 0.71]),
    node("new-host", null, null, {
      os: null,
      kernel: null,
      version: null,
      repairs: null,
      lastReportAt: null,
    }),
  ];
  const byName = (name: string) => nodes.find((one) => one.name === name)!;

  const free: HoldState = {
    attemptsUsed: 0,
    attemptsMax: 3,
    attemptsResetAt: null,
    breakerUntil: null,
    cooldownUntil: null,
    nextAttemptAt: null,
    successesToday: 0,
    hold: null,
    holdText: null,
  };

  const problem = (on: string, opened: number, more: Partial<Problem>): Problem => ({
    id: uuid(),
    node: byName(on).id,
    nodeName: on,
    fingerprint: hex(64),
    check: "service",
    instance: "default",
    target: "nginx.service",
    type: "service.down",
    nature: "fact",
    state: "open",
    level: "L1",
    severity: "critical",
    status: "critical",
    summary: "",
    owner: null,
    tags: [],
    labels: {},
    becauseOf: null,
    flapping: false,
    openedAt: iso(opened),
    updatedAt: iso(opened / 2),
    resolvedAt: null,
    resolution: null,
    guards: free,
    intentId: null,
    events: [{ at: iso(opened), kind: "opened", text: more.summary ?? "" }],
    evidence: [],
    ...more,
  });

  const nginx = problem("web-3.fra", 42 * SECOND, {
    summary: "nginx.service is failed: exit code 1 after 2 d 4 h",
    owner: "unit:nginx.service",
    guards: { ...free, attemptsUsed: 1, attemptsResetAt: iso(-59 * MINUTE) },
    evidence: [uuid()],
  });
  const disk = problem("db-1.ams", 26 * MINUTE, {
    check: "fs_space",
    target: "/var/lib/postgresql",
    type: "fs.space",
    nature: "measured",
    level: "L2",
    summary: "/var/lib/postgresql is 93.4 % full, 31.2 GiB left, full in about 19 h",
    tags: ["stateful"],
    owner: "mount:/var/lib/postgresql",
    guards: {
      ...free,
      hold: "autonomy_ask",
      holdText: "The target is tagged stateful: a decision is needed before anything is removed.",
    },
    evidence: [uuid(), uuid()],
    events: [
      { at: iso(26 * MINUTE), kind: "opened", text: "93.1 % full for 5 min" },
      { at: iso(25 * MINUTE), kind: "level_raised", text: "L1 to L2: the target is tagged stateful" },
      { at: iso(24 * MINUTE), kind: "proposed", text: "vacuum the journal to 500 MiB" },
    ],
  });
  const raid = problem("db-1.ams", 3.1 * HOUR, {
    check: "raid",
    target: "md0",
    type: "raid.degraded",
    level: "L3",
    summary: "md0 is degraded: 1 of 2 disks left, sdb failed",
    guards: {
      ...free,
      hold: "no_repair",
      holdText: "No repair is known for raid.degraded: replace the disk.",
    },
    events: [
      { at: iso(3.1 * HOUR), kind: "opened", text: "md0 lost sdb" },
      { at: iso(3.1 * HOUR), kind: "held", text: "No repair is known for raid.degraded" },
    ],
  });
  const backup = problem("backup-1.fra", 7.5 * HOUR, {
    check: "jobs",
    target: "restic-nightly",
    type: "job.missed",
    level: "L1",
    severity: "warning",
    status: "warning",
    summary: "restic-nightly did not finish since Tuesday 02:00",
    guards: {
      ...free,
      attemptsUsed: 2,
      attemptsResetAt: iso(-21 * MINUTE),
      nextAttemptAt: iso(-100 * SECOND),
      hold: "attempt_wait",
      holdText: "The second attempt failed; the third follows in 3 min.",
    },
    evidence: [uuid()],
  });
  const resolved = problem("web-1.ams", 2.2 * HOUR, {
    state: "resolved",
    resolvedAt: iso(2.1 * HOUR),
    resolution: "repaired by the restart of php8.4-fpm.service",
    status: "ok",
    target: "php8.4-fpm.service",
    summary: "php8.4-fpm.service is failed: out of memory",
    guards: { ...free, attemptsUsed: 1, successesToday: 1 },
  });

  const intent = (about: Problem, created: number, more: Partial<Intent>): Intent => ({
    id: uuid(),
    node: about.node,
    nodeName: about.nodeName,
    kind: "repair",
    state: "verified",
    level: "L1",
    summary: "",
    text: "",
    category: null,
    actor: "engine",
    problemId: about.id,
    check: about.check,
    target: about.target,
    owner: about.owner,
    repair: "service.start",
    repairVersion: 1,
    class: "R2",
    params: {},
    plan: null,
    hash: hex(64),
    attempt: 1,
    shadow: false,
    decisions: [
      {
        decider: "policy",
        verdict: "allow",
        reason: "R2 acts at L1 on web, 0 of 3 attempts used",
        at: iso(created - 300),
      },
    ],
    evidenceIds: about.evidence,
    outcome: [],
    createdAt: iso(created),
    updatedAt: iso(created - 1000),
    expiresAt: null,
    finishedAt: null,
    watchUntil: null,
    ...more,
  });
  const say = (step: string, ok: boolean, summary: string, ago: number) => ({
    step,
    ok,
    summary,
    at: iso(ago),
  });

  const running = intent(nginx, 40 * SECOND, {
    state: "verifying",
    summary: "Start nginx.service",
    updatedAt: iso(36 * SECOND),
    plan: {
      summary: "start nginx.service after a config test",
      changes: [{ what: "unit nginx.service", from: "failed", to: "active" }],
    },
    outcome: [
      say("config test", true, "nginx -t: syntax is ok", 39 * SECOND),
      say("apply", true, "systemctl start nginx.service: active after 0.4 s", 38 * SECOND),
    ],
  });
  nginx.intentId = running.id;
  const proposal = intent(disk, 24 * MINUTE, {
    state: "proposed",
    level: "L2",
    summary: "Vacuum the journal to 500 MiB",
    repair: "journal.vacuum",
    class: "R4",
    plan: {
      summary: "remove 214 archived journal files, 30.2 GiB, oldest 61 days",
      changes: [{ what: "/var/log/journal", from: "30.7 GiB", to: "500 MiB" }],
      promise: { freedBytes: 30.2 * 1024 ** 3, totalBytes: 470 * 1024 ** 3 },
    },
    decisions: [
      {
        decider: "policy",
        verdict: "human",
        reason: "R4 touches data and the target is tagged stateful",
        at: iso(24 * MINUTE),
      },
    ],
    expiresAt: iso(-(3 * HOUR + 36 * MINUTE)),
  });
  disk.intentId = proposal.id;
  const failed = intent(backup, 8 * MINUTE, {
    state: "failed",
    attempt: 2,
    summary: "Run restic-nightly once",
    repair: "job.run",
    class: "R1",
    finishedAt: iso(2 * MINUTE),
    plan: {
      summary: "start restic-nightly.service once",
      changes: [{ what: "unit restic-nightly.service", to: "run once" }],
    },
    outcome: [
      say("apply", true, "restic-nightly.service started", 8 * MINUTE),
      say("verify", false, "exit code 12 after 5 m 41 s: repository is locked by backup-1:4411", 2 * MINUTE),
    ],
  });
  backup.intentId = failed.id;
  const healed = intent(resolved, 2.2 * HOUR, {
    summary: "Restart php8.4-fpm.service",
    repair: "service.restart",
    finishedAt: iso(2.1 * HOUR),
    watchUntil: iso(2 * HOUR),
    plan: {
      summary: "restart php8.4-fpm.service",
      changes: [{ what: "unit php8.4-fpm.service", from: "failed", to: "active" }],
    },
    outcome: [
      say("apply", true, "systemctl restart php8.4-fpm.service: active after 1.1 s", 2.19 * HOUR),
      say("verify", true, "php8.4-fpm.service is active, stable for 60 s", 2.1 * HOUR),
    ],
  });
  const rejected = intent(disk, 5 * HOUR, {
    state: "rejected",
    level: "L2",
    summary: "Extend /dev/vg0/pg by 50 GiB",
    repair: "lvm.extend",
    class: "R4",
    problemId: null,
    finishedAt: iso(4.8 * HOUR),
    decisions: [
      { decider: "policy", verdict: "human", reason: "R4 touches data", at: iso(5 * HOUR) },
      { decider: "human", verdict: "deny", reason: "anna: we move this volume tonight", at: iso(4.8 * HOUR) },
    ],
  });
  const note = intent(resolved, 6 * HOUR, {
    kind: "note",
    summary: "Kernel update rolled out to web",
    text: "6.12.48 on web-1, web-2 and web-3; reboot one by one between 10 and 11.",
    actor: "user:anna",
    problemId: null,
    repair: null,
    repairVersion: null,
    class: null,
    hash: null,
    decisions: [],
    attempt: 0,
  });

  return {
    nodes,
    problems: [nginx, disk, raid, backup, resolved],
    intents: [running, failed, proposal, healed, rejected, note],
    decisions: [],
    autonomy: [],
    checks: checksOf(nodes, iso),
    plugins: pluginsOf(nodes),
  };
}

/** One healthy node, nothing to do. */
export function calmFleet(now: number): Fleet {
  const fleet = fleetAt(now);
  return {
    nodes: fleet.nodes.slice(0, 1),
    problems: fleet.problems.filter((one) => one.state === "resolved"),
    intents: fleet.intents.filter((one) => one.state === "verified" && one.kind === "repair"),
    decisions: [],
    autonomy: [],
    checks: fleet.checks.filter((one) => one.node === fleet.nodes[0]!.id),
    plugins: fleet.plugins.filter((one) => one.node === fleet.nodes[0]!.id),
  };
}

const CHECKS: [
  name: string,
  plugin: string,
  summary: string,
  every: number,
  state: Check["state"],
  reason: string | null,
][] = [
  ["fs_space", "disk", "Free space of mounted file systems", 30, "active", null],
  ["service", "service", "State of systemd units", 30, "active", null],
  ["load", "cpu", "Run queue and pressure", 15, "active", null],
  ["memory", "memory", "Free memory, swap and pressure", 15, "active", null],
  ["raid", "raid", "Software RAID arrays", 60, "skipped", "no /proc/mdstat on this host"],
  ["certificates", "tls", "Expiry of certificates", 3600, "active", null],
  ["time_sync", "time", "Clock offset and synchronisation", 60, "paused", "paused by anna until 18:00"],
  ["http", "probe", "Answers of HTTP endpoints", 30, "broken", "plugins.probe[0].url: not a URL"],
];

function checksOf(nodes: NodeItem[], iso: (ago: number) => string): Check[] {
  return nodes.slice(0, 4).flatMap((node, index) =>
    CHECKS.map(([name, plugin, summary, every, state, reason], place): Check => {
      const bad = node.worst !== "ok" && name === (index === 3 ? "fs_space" : "service");
      return {
        id: name,
        node: node.id,
        nodeName: node.name,
        name,
        instance: "default",
        plugin,
        summary,
        nature: place % 2 === 0 ? "measured" : "fact",
        intervalSeconds: every,
        schedule: null,
        confirmSeconds: 60,
        state,
        reason,
        status: state === "active" ? (bad ? "critical" : "ok") : null,
        lastRunAt: state === "active" ? iso((4 + place * 3) * 1000) : null,
        lastDurationSeconds: state === "active" ? 0.002 * (place + 1) : null,
        nextRunAt: null,
        runs: 4210,
        failures: name === "certificates" ? 2 : 0,
      };
    }),
  );
}

function pluginsOf(nodes: NodeItem[]): Plugin[] {
  const plugin = (node: NodeItem, name: string, more: Partial<Plugin>): Plugin => ({
    id: name,
    node: node.id,
    nodeName: node.name,
    name,
    instance: "default",
    version: "1.0.0",
    origin: "built-in",
    state: "running",
    reason: null,
    summary: "",
    checks: [name],
    repairs: [],
    capabilities: ["fs-read"],
    restarts: 0,
    ...more,
  });
  return nodes.slice(0, 2).flatMap((node) => [
    plugin(node, "disk", {
      summary: "Free space and inodes of mounted file systems",
      repairs: ["journal.vacuum"],
    }),
    plugin(node, "service", {
      summary: "Units of systemd, and their repair",
      repairs: ["service.start", "service.restart"],
      capabilities: ["exec:systemctl", "exec:journalctl"],
    }),
    plugin(node, "probe", { state: "broken", reason: "config: url is not a URL", capabilities: ["fetch"] }),
    plugin(node, "night-shift", { origin: "user", summary: "Watches the batch window", capabilities: [] }),
  ]);
}
