/** One plugin of a folder, started in its cage outside any daemon: what it says it is, and what its checks find. */
import { basename, dirname, join, resolve } from "node:path";
import { CortexError, type Exec, type HostFs, type Result, type Skipped } from "cortex";
import { createBroker } from "../core/host/user/broker.ts";
import type { CheckFacts, InstanceFacts, Manifest } from "../core/host/user/protocol.ts";
import { factsSaid, manifestSaid, resultsSaid } from "../core/host/user/said.ts";
import { startSession } from "../core/host/user/session.ts";
import type { Cage } from "../core/ports/user-plugins/cage.ts";
import { type PluginBundle, readPlugin } from "../core/ports/user-plugins/plugin-files.ts";
import { createPluginFs } from "../core/ports/user-plugins/plugin-fs.ts";
import { nodeFacts, type SystemPorts } from "./ports.ts";
import type { Settings } from "./settings.ts";
import { findCageHere, ownPlaces } from "./user-plugins.ts";

const TIMEOUT_MS = 10_000;

export interface Trial {
  manifest: Manifest;
  bundle: PluginBundle;
  cage: Cage;
  /** Sets it up anew with this configuration. */
  setup(config: unknown): Promise<InstanceFacts>;
  run(check: CheckFacts): Promise<(Result | Skipped)[]>;
  close(): void;
}

export interface TrialPorts {
  /** Instead of this host: a folder with the files of a case, and answers of programs. */
  fs?: HostFs;
  exec?: Exec;
}

/** Errors: `plugin.refused`, `plugin.invalid`, and what the plugin itself throws. */
export async function openTrial(
  settings: Settings,
  ports: SystemPorts,
  path: string,
  instead: TrialPorts = {},
): Promise<Trial> {
  const folder = resolve(path);
  const [dir, name] = [dirname(folder), basename(folder)];
  const bundle = readPlugin(dir, name);
  if ("refused" in bundle) throw new CortexError("plugin.refused", "forbidden", bundle.refused);
  const hidden = ownPlaces(settings);
  const cage = await findCageHere(ports, hidden);
  let answer: (ask: unknown) => Promise<unknown> = async () => null;
  let stopped: string | null = null;
  const session = startSession({
    argv: cage.argv,
    clock: ports.clock,
    memoryBytes: settings.config.user_plugins.memory,
    onEvent() {},
    onAsk: (ask) => answer(ask) as ReturnType<Parameters<typeof startSession>[0]["onAsk"]>,
    onStderr: (line) => void process.stderr.write(`${line}\n`),
    onHang: (call) => (stopped = `it hung: no answer to a ${call} in time`),
    onTooLarge(bytes) {
      stopped = `it used ${bytes} bytes of memory, more than it may`;
      session.kill();
    },
    onTooMany(count) {
      stopped = `it had ${count} processes, more than it may`;
      session.kill();
    },
  });
  const said = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => {
      throw stopped === null
        ? error
        : new CortexError("plugin.stopped", "unavailable", stopped, { cause: error });
    });
  try {
    const { entry, files } = bundle;
    const manifest = manifestSaid(
      await said(session.call("describe", { folder: join(dir, name), entry, files }, TIMEOUT_MS)),
    );
    const { capabilities } = manifest;
    const hostRoot = settings.config.host_root;
    const fs = instead.fs ?? createPluginFs({ fs: ports.fs, hostRoot, capabilities, hidden });
    const exec = instead.exec ?? ports.exec;
    const programs = instead.exec === undefined ? cage.programs : [];
    const broker = createBroker({
      plugin: manifest.name,
      capabilities,
      ports: { ...ports, fs, exec },
      programs,
    });
    answer = (ask) => broker.answer(ask);
    const { uptimeMs, ...node } = nodeFacts(settings.config, ports.facts, "n_trial");
    const declared = capabilities.filter((one) => one.startsWith("exec:")).map((one) => one.slice(5));
    const instance = "default";
    return {
      manifest,
      bundle,
      cage,
      async setup(config) {
        const input = {
          instance,
          config,
          node: { ...node, bootedAt: ports.clock.now() - uptimeMs() },
          values: {},
          sealed: {},
          programs: Object.fromEntries(declared.map((one) => [one, exec.which(one)])),
        };
        return factsSaid(await said(session.call("setup", input, TIMEOUT_MS)));
      },
      async run(check) {
        const input = { instance, check: check.name, previous: {}, oneShot: true };
        return resultsSaid(await said(session.call("check", input, (check.timeoutMs ?? TIMEOUT_MS) + 500)));
      },
      close: () => session.kill(),
    };
  } catch (error) {
    session.kill();
    throw error;
  }
}
