/** Root work on this node: what the configuration asks for, what was granted, and how a plugin learns of it. */
import type { Effect, HelperLeave, PluginDefinition, Privileges, PrivilegeWishes, UnitVerb } from "cortex";
import type { Config, PluginInstance } from "../../core/config/schema.ts";
import { choreUnit, type Granted, mergeWishes, type Privileged } from "../../core/domain/privileges.ts";
import { readGranted } from "../../core/ports/privileges.ts";

const ADVICE = "run: sudo cortex privileges install";

/** A chore of an instance that is not the default one carries its name. */
const choreName = (name: string, instance: string) =>
  instance === "default" ? name : `${name}-${instance.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;

/** Everything that the configuration of this node asks root for. */
export function wantedPrivileges(
  config: Config,
  instances: readonly PluginInstance[],
  definitions: readonly PluginDefinition[],
): Privileged {
  const wishes: PrivilegeWishes[] = [
    {
      units: config.privileges.units.map((unit) => ({
        unit,
        verbs: unit.endsWith(".mount") ? ["start"] : ["start", "restart", "reload"],
      })),
    },
  ];
  for (const { plugin, id, host, config: own } of instances) {
    const wished = definitions.find((one) => one.name === plugin)?.privileges?.(own);
    if (!host.enabled || wished === undefined) continue;
    const chores = wished.chores?.map((chore) => ({ ...chore, name: choreName(chore.name, id) }));
    wishes.push({ ...wished, ...(chores ? { chores } : {}) });
  }
  return mergeWishes(wishes);
}

/** Read again at each question: a grant takes effect without a restart. */
export function createPrivileges(
  isRoot: boolean,
  config: () => Config,
  wanted: () => Privileged,
  leave: (effect: Effect) => HelperLeave,
): (instance: string) => Privileges {
  const granted = (): Granted | null => readGranted(config().privileges.file).granted;
  const isOwn = (unit: string, verb: UnitVerb) => isRoot || granted()?.units[unit]?.includes(verb) === true;
  return (instance) => ({
    unit(unit, verb) {
      if (isOwn(unit, verb) || leave({ kind: "service", verb, name: unit }) !== null) return null;
      return `needs a polkit rule for ${unit} (${verb}); add it to privileges.units unless it is declared, then ${ADVICE}`;
    },
    helper(effect) {
      if (effect.kind === "service" && effect.verb !== "stop" && isOwn(effect.name, effect.verb)) return null;
      return isRoot ? null : leave(effect);
    },
    missing() {
      if (isRoot) return [];
      const { units } = wanted();
      const has = granted()?.units ?? {};
      return Object.entries(units).flatMap(([unit, verbs]) => {
        const lacking = verbs.filter(
          (verb) =>
            has[unit]?.includes(verb) !== true && leave({ kind: "service", verb, name: unit }) === null,
        );
        return lacking.length === 0
          ? []
          : [`needs a polkit rule for ${unit} (${lacking.join(", ")}); ${ADVICE}`];
      });
    },
    chore(name) {
      if (isRoot) return { by: "self" };
      const full = choreName(name, instance);
      const unit = granted()?.chores[full];
      return unit === undefined
        ? { by: "nobody", missing: `needs ${choreUnit(full)}; ${ADVICE}` }
        : { by: "unit", unit };
    },
  });
}
