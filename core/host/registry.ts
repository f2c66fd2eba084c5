/** What plugins brought: checks, repairs, judges and auth methods by name, with their owner. Names are unique in the program. */
import {
  type AuthProvider,
  type Check,
  type Decider,
  defineErrors,
  type PluginHooks,
  type Repair,
} from "cortex";
import type { InstanceConfig } from "../config/schema.ts";

const errors = defineErrors("host", { duplicate: "conflict" });

export type Origin = "built-in" | "user";

/** Where a hook comes from, with what the operator configured for that instance. */
export interface Owner {
  plugin: string;
  instance: string;
  origin: Origin;
  host: InstanceConfig;
}

export interface RegisteredCheck extends Owner {
  /** `name`, or `name~instance` when the instance is not "default": what run, pause and history refer to. */
  key: string;
  check: Check;
}

export interface RegisteredRepair extends Owner {
  repair: Repair;
}

export interface Registry {
  /**
   * Throws `host.duplicate`, naming both owners, and then has added nothing. A built-in never gives way: a user's plugin that
   * has one of its names is taken out whole, and `onDisplaced` hears why.
   */
  add(owner: Owner, hooks: PluginHooks): void;
  remove(plugin: string, instance: string): void;
  onDisplaced(listener: (plugin: string, reason: string) => void): void;
  checks(): RegisteredCheck[];
  check(key: string): RegisteredCheck | null;
  repairs(): RegisteredRepair[];
  authProviders(): AuthProvider[];
  deciders(): Decider[];
}

export const checkKey = (name: string, instance: string): string =>
  instance === "default" ? name : `${name}~${instance}`;

export function createRegistry(): Registry {
  const checks = new Map<string, RegisteredCheck>();
  const repairs: RegisteredRepair[] = [];
  const auth: { owner: Owner; provider: AuthProvider }[] = [];
  const judges: { owner: Owner; decider: Decider }[] = [];

  let displaced: (plugin: string, reason: string) => void = () => {};

  /** Users' plugins that must give way, each with the reason. */
  function assertFree(owner: Owner, hooks: PluginHooks): Map<string, string> {
    const inTheWay = new Map<string, string>();
    const clash = (what: string, name: string, other: Owner | undefined) => {
      if (other === undefined || (other.plugin === owner.plugin && other.instance !== owner.instance)) return;
      if (owner.origin === "built-in" && other.origin === "user") {
        const why = `${what} ${name} belongs to the built-in plugin ${owner.plugin}; rename it in plugin ${other.plugin}`;
        inTheWay.set(other.plugin, why);
        return;
      }
      throw errors.duplicate(
        `${what} ${name} of plugin ${owner.plugin} is already owned by plugin ${other.plugin}`,
      );
    };
    for (const check of hooks.checks ?? [])
      clash(
        "check",
        check.name,
        [...checks.values()].find((one) => one.check.name === check.name),
      );
    for (const repair of hooks.repairs ?? [])
      clash(
        "repair",
        repair.name,
        repairs.find((one) => one.repair.name === repair.name),
      );
    for (const provider of hooks.authProviders ?? [])
      clash(
        "auth method",
        provider.method,
        auth.find((one) => one.provider.method === provider.method)?.owner,
      );
    for (const decider of hooks.deciders ?? [])
      clash("decider", decider.name, judges.find((one) => one.decider.name === decider.name)?.owner);
    return inTheWay;
  }

  function take(isGone: (owner: Owner) => boolean): void {
    for (const [key, one] of checks) if (isGone(one)) checks.delete(key);
    for (let i = repairs.length - 1; i >= 0; i -= 1) if (isGone(repairs[i]!)) repairs.splice(i, 1);
    for (let i = auth.length - 1; i >= 0; i -= 1) if (isGone(auth[i]!.owner)) auth.splice(i, 1);
    for (let i = judges.length - 1; i >= 0; i -= 1) if (isGone(judges[i]!.owner)) judges.splice(i, 1);
  }

  return {
    add(owner, hooks) {
      const inTheWay = assertFree(owner, hooks);
      take((one) => one.origin === "user" && inTheWay.has(one.plugin));
      for (const check of hooks.checks ?? []) {
        const key = checkKey(check.name, owner.instance);
        checks.set(key, { ...owner, key, check });
      }
      for (const repair of hooks.repairs ?? []) repairs.push({ ...owner, repair });
      for (const provider of hooks.authProviders ?? []) auth.push({ owner, provider });
      for (const decider of hooks.deciders ?? []) judges.push({ owner, decider });
      for (const [plugin, reason] of inTheWay) displaced(plugin, reason);
    },
    remove(plugin, instance) {
      take((one) => one.plugin === plugin && one.instance === instance);
    },
    onDisplaced(listener) {
      displaced = listener;
    },
    checks: () => [...checks.values()],
    check: (key) => checks.get(key) ?? null,
    repairs: () => [...repairs],
    authProviders: () => auth.map((one) => one.provider),
    deciders: () => judges.map((one) => one.decider),
  };
}
