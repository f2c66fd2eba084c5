/** What a reload changes: only that is restarted. */
import { isDeepStrictEqual } from "node:util";
import type { Config, PluginInstance } from "./schema.ts";

export interface InstanceDiff {
  added: PluginInstance[];
  removed: PluginInstance[];
  changed: { before: PluginInstance; after: PluginInstance }[];
  unchanged: PluginInstance[];
}

const keyOf = (instance: PluginInstance) => `${instance.plugin}\0${instance.id}`;

/** Instances are the same when plugin and id are; a renamed one is removed and added. */
export function diffInstances(
  before: readonly PluginInstance[],
  after: readonly PluginInstance[],
): InstanceDiff {
  const old = new Map(before.map((instance) => [keyOf(instance), instance]));
  const kept = new Set(after.map(keyOf));
  const diff: InstanceDiff = {
    added: [],
    removed: before.filter((instance) => !kept.has(keyOf(instance))),
    changed: [],
    unchanged: [],
  };
  for (const instance of after) {
    const previous = old.get(keyOf(instance));
    if (previous === undefined) diff.added.push(instance);
    else if (isDeepStrictEqual(previous, instance)) diff.unchanged.push(instance);
    else diff.changed.push({ before: previous, after: instance });
  }
  return diff;
}

export type ConfigSection = Exclude<keyof Config, "plugins">;

/** Top-level sections that differ, plugins aside. */
export function changedSections(before: Config, after: Config): ConfigSection[] {
  return (Object.keys(after) as (keyof Config)[])
    .concat(Object.keys(before) as (keyof Config)[])
    .filter((section, index, all) => all.indexOf(section) === index)
    .filter((section): section is ConfigSection => section !== "plugins")
    .filter((section) => !isDeepStrictEqual(before[section], after[section]));
}
