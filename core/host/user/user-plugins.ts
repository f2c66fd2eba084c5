/**
 * Users' plugins: one folder each, one child process each. Loaded, reloaded when edited, gone when deleted; one that hangs,
 * crashes or floods is shown broken and tried again after a while, and nothing else slows.
 */
import { CortexError, isCortexError, messageOf } from "cortex";
import type { SetAside } from "../../config/plugins.ts";
import { formatProblem } from "../../config/problems.ts";
import type { PluginInstance } from "../../config/schema.ts";
import { findUserPlugins, type UserPluginFolder } from "../../ports/user-plugins/plugin-folders.ts";
import { readLock } from "../../ports/user-plugins/plugin-lock.ts";
import type { PluginStatus } from "../plugin-status.ts";
import { bringUp, type BringUpDeps, judge, type WantedInstance } from "./bring-up.ts";
import { type Loaded, statusesOf } from "./loaded.ts";
import type { ConfigFault } from "./protocol.ts";

const SCAN_MS = 2000;
const RETRY_MS = [1000, 5000, 30_000, 120_000, 600_000];
/** A child that lived this long has come to terms: its count of restarts starts anew. */
const SETTLED_MS = 300_000;

const UNCONFIGURED = { id: "default", host: { id: "default", enabled: true }, config: {} };

export interface UserPlugins {
  /** Look at the folder now and then every two seconds. */
  start(): Promise<void>;
  /** Take the configured instances of users' plugins. */
  apply(instances: readonly PluginInstance[]): Promise<void>;
  /** What those plugins that run find wrong with instances before these are taken. */
  judge(instances: readonly PluginInstance[]): Promise<Fault[]>;
  statuses(): PluginStatus[];
  recordCall(plugin: string, instance: string, error: string | null): void;
  stop(): Promise<void>;
}

export interface Fault extends ConfigFault {
  plugin: string;
  id: string;
}

export interface UserPluginsDeps extends Omit<BringUpDeps, "instancesOf" | "onEnd" | "events"> {
  dir: string;
  /** Names of built-in plugins: a folder of that name would share their values, checks and configuration. */
  taken: ReadonlySet<string>;
  /** What became of their sections of the configuration, where those do not fit the built-in either. */
  setAside: () => readonly SetAside[];
  events: BringUpDeps["events"] & { changed(): void };
}

export function createUserPlugins(deps: UserPluginsDeps): UserPlugins {
  const { clock } = deps.ports;
  const loaded = new Map<string, Loaded>();
  let wanted: readonly PluginInstance[] = [];
  let cancelScan = () => {};
  let scanning: Promise<void> | null = null;
  let started = false;
  let stopped = false;
  let noticed = false;

  /** What comes of it must not end a timer, let alone the program. */
  function changed(): void {
    try {
      deps.events.changed();
    } catch (error) {
      deps.log("core", "plugins").error("A change of plugins could not be taken.", {
        reason: messageOf(error),
      });
    }
  }

  /** A plugin that nobody configured runs once with its defaults; its folder may be newer than the configuration. */
  function instancesOf(name: string): { instances: readonly WantedInstance[]; configured: boolean } {
    const written = wanted.filter((one) => one.plugin === name);
    return written.length === 0
      ? { instances: [UNCONFIGURED], configured: false }
      : { instances: written.filter((one) => one.host.enabled), configured: true };
  }

  /** For somebody who configured the plugin before the built-in was there. */
  function sectionOf(name: string): string {
    const [problem] = deps.setAside().find(({ plugin }) => plugin === name)?.problems ?? [];
    return problem === undefined
      ? ""
      : `, and its section plugins.${name}, which is not used (${formatProblem(problem)})`;
  }

  /** What it is loaded with besides its files; anything else means a new child. */
  function loadedWith(name: string): string {
    const { load } = deps.rules();
    const lock = load === "any" ? null : readLock(deps.dir);
    return JSON.stringify([instancesOf(name), load, lock?.refused, lock?.plugins[name]]);
  }

  const bringUpDeps: BringUpDeps = {
    ...deps,
    instancesOf,
    onEnd(plugin, reason) {
      broken(plugin, reason, true);
      changed();
    },
  };

  /** It never rejects: what went wrong with a folder is that plugin's state, anything else is looked at again soon. */
  function scan(): Promise<void> {
    scanning ??= scanOnce()
      .catch((error: unknown) =>
        deps.log("core", "plugins").error("The folder of plugins could not be looked at.", {
          reason: messageOf(error),
        }),
      )
      .finally(() => {
        scanning = null;
      });
    return scanning;
  }

  async function scanOnce(): Promise<void> {
    const folders = new Map(findUserPlugins(deps.dir).map((folder) => [folder.name, folder]));
    let removed = false;
    for (const [name, plugin] of loaded) {
      const folder = folders.get(name);
      const configured = loadedWith(name);
      const isSame =
        folder?.signature === plugin.folder.signature && folder.refused === plugin.folder.refused;
      if (isSame && configured === plugin.configured) continue;
      unload(plugin);
      loaded.delete(name);
      // One that was edited is back in a moment: nothing is scheduled anew, and no problem ends, in between.
      removed ||= folder === undefined;
    }
    if (removed) changed();
    if (!noticed && folders.size > 0 && deps.rules().load === "any") {
      noticed = true;
      deps
        .log("core", "plugins")
        .warn("Plugins of your own run without an allow-list; `cortex plugin allow NAME` begins one.", {
          dir: deps.dir,
        });
    }
    // Beside each other: one that hangs keeps no other from starting.
    const fresh = [...folders].filter(([name]) => !loaded.has(name) && !stopped);
    await Promise.all(fresh.map(([name, folder]) => load(name, folder, 0)));
  }

  async function load(
    name: string,
    folder: UserPluginFolder,
    restarts: number,
    before: Pick<Loaded, "trouble" | "lastError"> = { trouble: null, lastError: null },
  ): Promise<void> {
    const plugin: Loaded = {
      folder,
      state: "starting",
      cage: null,
      reason: null,
      manifest: null,
      instances: new Map(),
      wrong: new Map(),
      session: null,
      restarts,
      startedAt: clock.monotonic(),
      cancelRetry: () => {},
      retryAt: null,
      granted: null,
      ...before,
      configured: loadedWith(name),
      stopped: false,
    };
    loaded.set(name, plugin);
    try {
      if (folder.refused !== null) throw new CortexError("plugin.refused", "forbidden", folder.refused);
      if (deps.taken.has(name))
        throw new CortexError(
          "plugin.invalid",
          "conflict",
          `the name ${name} belongs to a built-in plugin; rename the folder and the plugin${sectionOf(name)}`,
        );
      await bringUp(bringUpDeps, plugin);
      if (!plugin.stopped) plugin.state = "running";
    } catch (error) {
      // It was unloaded meanwhile: whoever did that knows why.
      if (plugin.stopped) return;
      const isItsOwnFault =
        isCortexError(error) &&
        ["plugin.refused", "plugin.invalid", "plugin.config", "plugin.hook", "host.duplicate"].includes(
          error.code,
        );
      broken(plugin, messageOf(error), !isItsOwnFault);
    }
    changed();
  }

  /** Shown broken; tried again after a wait that grows, unless only an edit can help. */
  function broken(plugin: Loaded, reason: string, retry: boolean): void {
    const { name } = plugin.folder;
    const lived = clock.monotonic() - plugin.startedAt;
    unload(plugin);
    plugin.state = "broken";
    plugin.reason = reason;
    plugin.lastError = { text: reason, at: clock.now() };
    deps.log(name, "default").error("A plugin is broken.", { reason });
    if (!retry || stopped) return;
    const restarts = lived > SETTLED_MS ? 0 : plugin.restarts;
    const wait = RETRY_MS[Math.min(restarts, RETRY_MS.length - 1)]!;
    plugin.restarts = restarts;
    plugin.retryAt = clock.now() + wait;
    plugin.cancelRetry = clock.after(wait, () => {
      if (loaded.get(name) === plugin && !stopped)
        void load(name, plugin.folder, restarts + 1, { trouble: reason, lastError: plugin.lastError });
    });
  }

  function unload(plugin: Loaded): void {
    plugin.stopped = true;
    plugin.cancelRetry();
    for (const instance of plugin.instances.keys()) deps.registry.remove(plugin.folder.name, instance);
    plugin.session?.kill();
    plugin.retryAt = null;
    plugin.state = "stopped";
  }

  deps.registry.onDisplaced((name, reason) => {
    const plugin = loaded.get(name);
    if (plugin === undefined || plugin.stopped) return;
    broken(plugin, reason, false);
    changed();
  });

  return {
    async start() {
      started = true;
      await scan();
      const again = () => {
        if (!stopped) cancelScan = clock.after(SCAN_MS, () => void scan().then(again));
      };
      again();
    },
    async apply(instances) {
      wanted = instances;
      if (!started || stopped) return;
      // A scan that is under way may have read the instances of before.
      await scanning;
      await scan();
    },
    async judge(instances) {
      if (!started || stopped) return [];
      // Files that were edited together with the configuration.
      await scan();
      const asked = instances.flatMap(({ plugin, id, host, config }) => {
        const one = loaded.get(plugin);
        const session = one?.state === "running" ? one.session : null;
        return session === null || !host.enabled ? [] : [{ plugin, id, config, session }];
      });
      const faults = await Promise.all(
        asked.map(async ({ plugin, id, config, session }) => {
          // One that does not answer is told by its state.
          const found = await judge(session, config).catch(() => []);
          return found.map((fault) => ({ ...fault, plugin, id }));
        }),
      );
      return faults.flat();
    },
    statuses: () => [...loaded].flatMap(([name, plugin]) => statusesOf(name, plugin)),
    recordCall(plugin, instance, error) {
      const found = loaded.get(plugin);
      const one = found?.instances.get(instance);
      if (found === undefined || one === undefined) return;
      one.failures = error === null ? 0 : one.failures + 1;
      if (error !== null || found.trouble === null) return;
      found.trouble = null;
      changed();
    },
    async stop() {
      stopped = true;
      cancelScan();
      // Children that are being asked something end first: nobody waits for their answers.
      for (const plugin of loaded.values()) unload(plugin);
      await scanning;
    },
  };
}
