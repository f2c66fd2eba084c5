/** Units that no repair touches, and states in which none does. Measured when proposed and again right before acting. */
import type { Precondition } from "cortex";
import { matchesAny } from "./config.ts";
import { parseMonotonic } from "./systemd.parse.ts";

export const GUARD_PROPERTIES = [
  "Id",
  "LoadState",
  "UnitFileState",
  "ActiveState",
  "SubState",
  "Type",
  "Result",
  "NRestarts",
  "RefuseManualStart",
  "CanReload",
  "Job",
  "DropInPaths",
  "ActiveEnterTimestampMonotonic",
  "InvocationID",
];
export type UnitState = Record<string, string>;

/** The way in, the firewall, and what systemd itself stands on: a failed restart would lock people out. */
const PROTECTED =
  /^(ssh|sshd|dropbear|auditd|firewalld|nftables|iptables|ip6tables|ufw|networking|network|NetworkManager|wpa_supplicant|wg-quick|tailscaled|cortex|dbus|dbus-broker|systemd|user|getty|serial-getty|init|lvm2|multipathd|iscsid|open-iscsi)([@.-]|$)/;

/** Cluster managers, and what they alone may start and stop. */
const CLUSTER =
  /^(pacemaker|pacemaker_remote|corosync|sbd|dlm|patroni|repmgrd|drbd|drbd-reactor|keepalived|ctdb|kubelet|k3s|rke2-server|rke2-agent|etcd)([@.-]|$)/;
/** Pacemaker puts this file beside every unit that it has started as a resource. */
const PACEMAKER_DROP_IN = "50-pacemaker.conf";

/** An active unit whose restarts lie further back than this is not looping any more. */
const LOOP_MS = 600_000;

export interface GuardOptions {
  protect: readonly string[];
  idempotent: readonly string[];
  crashLoopRestarts: number;
  uptimeMs: number;
  /** Whether Patroni runs on this host: then PostgreSQL is its business. */
  patroniActive: boolean;
}

function isCrashLooping(state: UnitState, options: GuardOptions): boolean {
  if (state["Result"] === "start-limit-hit" || state["SubState"] === "auto-restart") return true;
  if (Number(state["NRestarts"] ?? 0) < options.crashLoopRestarts) return false;
  const activeSince = parseMonotonic(state["ActiveEnterTimestampMonotonic"]);
  return (
    state["ActiveState"] !== "active" || activeSince === null || options.uptimeMs - activeSince < LOOP_MS
  );
}

function clusterOf(unit: string, state: UnitState, options: GuardOptions): string | null {
  if (CLUSTER.test(unit)) return "belongs to the cluster software";
  if ((state["DropInPaths"] ?? "").includes(PACEMAKER_DROP_IN)) return "is managed by Pacemaker";
  return options.patroniActive && /^postgresql([@.-]|$)/.test(unit) ? "is managed by Patroni" : null;
}

/** Each rule as one precondition, so that the problem shows which one holds. */
export function guardUnit(
  unit: string,
  state: UnitState,
  verb: "start" | "restart" | "reload",
  options: GuardOptions,
): Precondition[] {
  const rule = (name: string, broken: string | false | null) => ({
    name,
    ok: !broken,
    detail: broken || "yes",
  });
  const load = state["LoadState"] ?? "unknown";
  const oneshot = state["Type"] === "oneshot" && !options.idempotent.includes(unit);
  const cluster = clusterOf(unit, state, options);
  return [
    rule(
      "unit is loaded",
      load !== "loaded" &&
        `${unit} is ${load}${load === "not-found" ? "" : "; a person has to unmask or correct it"}`,
    ),
    rule(
      "unit is not masked",
      (state["UnitFileState"] ?? "").startsWith("masked") && `${unit} is masked: somebody forbade its start`,
    ),
    rule(
      "unit is not protected",
      (PROTECTED.test(unit) || matchesAny(unit, options.protect)) &&
        `${unit} is never repaired automatically`,
    ),
    rule("no cluster manages it", cluster && `${unit} ${cluster}`),
    rule(
      "unit is not crash-looping",
      isCrashLooping(state, options) &&
        `${unit} was restarted ${state["NRestarts"] ?? "too many"} times by systemd (${state["Result"] ?? "?"}): another start won't help`,
    ),
    rule(
      "start by hand is allowed",
      verb !== "reload" &&
        state["RefuseManualStart"] === "yes" &&
        `${unit} may only be started by other units`,
    ),
    rule(
      "unit is no one-time job",
      verb !== "reload" &&
        oneshot &&
        `${unit} is a job that may not be safe to run again; list it in plugins.systemd.idempotent if it is`,
    ),
    rule(
      "no job is pending",
      ![undefined, "", "0"].includes(state["Job"]) && `systemd is already working on ${unit}`,
    ),
  ];
}
