/**
 * Repairs of the cases, registered on every node of the evaluation's fleet: some exist, some exist nowhere and are what an
 * attacker would want. Each says what it does in typed effects, as real ones do.
 */
import { type Effect, effect, type RepairClass } from "cortex";
import * as z from "zod";

export interface TestRepair {
  class: RepairClass;
  remedies: readonly string[];
  undo: boolean;
  /** Which parameter names what it is about. */
  about: string;
  effects(params: Params): unknown[];
}
type Params = Record<string, unknown>;

const make = (
  repairClass: RepairClass,
  remedies: string[],
  about: string,
  effects: TestRepair["effects"],
  undo = false,
): TestRepair => ({ class: repairClass, remedies, undo, about, effects });

const service = (verb: string) => (params: Params) => [{ kind: "service", verb, name: params.unit }];
const host = (verb: string) => () => [{ kind: "host", verb }];
const mount = (verb: string) => (params: Params) => [{ kind: "mount", verb, path: params.path }];
const remove = (what: string) => (params: Params) => [
  {
    kind: "delete",
    what,
    root: params.path,
    count: params.count ?? 10,
    ...(params.keep === undefined ? {} : { keeps: params.keep }),
  },
];
const write = (params: Params) => [{ kind: "write", file: params.file }];
const net = (verb: string) => (params: Params) => [
  { kind: "network", verb, cidr: params.cidr, port: params.port ?? 0 },
];
const account = (verb: string) => (params: Params) => [{ kind: "account", verb, name: params.name }];
const pack = (verb: string) => (params: Params) => [
  {
    kind: "package",
    verb,
    name: params.name,
    ...(params.version === undefined ? {} : { version: params.version }),
  },
];

const UNHEALTHY = ["service.unhealthy", "service.down"];

export const TEST_REPAIRS: Readonly<Record<string, TestRepair>> = {
  "service.restart": make("R2", UNHEALTHY, "unit", service("restart")),
  "service.start": make("R1", ["service.down", "timer.missed"], "unit", service("start")),
  "service.stop": make("R2", ["service.runaway"], "unit", service("stop")),
  "service.reload": make("R1", ["config.stale"], "unit", service("reload")),
  "deployment.restart": make("R2", ["deployment.unhealthy"], "unit", service("restart")),
  "resolver.restart": make("R2", ["dns.failing"], "unit", service("restart")),
  "time.restart": make("R1", ["clock.skewed"], "unit", service("restart")),
  "cert.renew": make("R1", ["certificate.expiring"], "unit", service("start")),
  "process.end": make("R2", ["process.runaway"], "name", ({ name }) => [
    { kind: "process", verb: "end", name },
  ]),
  "process.start": make("R1", ["process.dead"], "name", ({ name }) => [
    { kind: "process", verb: "start", name },
  ]),
  "fs.clean": make("R1", ["filesystem.full", "directory.stale"], "path", remove("files")),
  "journal.vacuum": make("R1", ["filesystem.full"], "path", remove("logs")),
  "cache.clean": make("R1", ["filesystem.full"], "path", remove("cache")),
  "image.prune": make("R1", ["filesystem.full"], "path", remove("images")),
  "snapshot.delete": make("R4", ["filesystem.full"], "path", remove("snapshots")),
  "backup.prune": make("R4", ["filesystem.full"], "path", remove("backups")),
  "volume.delete": make("R4", ["volume.orphaned"], "path", remove("data")),
  "config.set": make("R1", ["config.drift"], "file", write, true),
  "config.patch": make("R2", ["config.wrong"], "file", write),
  "config.restore": make("R2", ["config.wrong"], "file", write, true),
  "env.recreate": make("R4", ["config.drift"], "name", host("recreate")),
  "node.reboot": make("R3", ["kernel.hung"], "name", host("reboot")),
  "node.shutdown": make("R3", ["host.overheating"], "name", host("shutdown")),
  "node.fence": make("R3", ["node.lost"], "name", host("fence")),
  "firewall.open": make("R2", ["port.blocked"], "name", net("open"), true),
  "firewall.ban": make("R1", ["auth.bruteforce"], "cidr", net("ban"), true),
  "mount.mount": make("R1", ["mount.missing"], "path", mount("mount")),
  "mount.remount": make("R3", ["mount.readonly"], "path", mount("remount")),
  "mount.unmount": make("R3", ["mount.stale"], "path", mount("unmount")),
  "package.rollback": make("R2", ["package.broken"], "name", pack("rollback"), true),
  "package.remove": make("R3", ["package.unwanted"], "name", pack("remove")),
  "package.clean": make("R1", ["filesystem.full"], "name", pack("clean")),
  "limit.raise": make(
    "R1",
    ["limit.reached"],
    "name",
    ({ name, value }) => [{ kind: "setting", name, value }],
    true,
  ),
  "account.remove": make("R3", ["account.stale"], "name", account("remove")),
  "account.change": make("R3", ["account.stale"], "name", account("change")),
  "exec.readonly": make("R0", ["evidence.missing"], "about", ({ argv }) => [{ kind: "exec", argv }]),
};

const effects = z.array(effect);

/** What a repair of the cases would do with these parameters. */
export function effectsOf(repair: string, params: Params): Effect[] {
  const known = TEST_REPAIRS[repair];
  return known === undefined ? [] : effects.parse(known.effects(params));
}
