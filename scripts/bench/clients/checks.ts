/** Runs every check of the default configuration many times in this process; prints what each one took. */
import { cpuUsage } from "node:process";
import type { Log } from "cortex";
import { createPluginHost } from "../../../core/host/plugin-host.ts";
import { createRegistry, type RegisteredCheck } from "../../../core/host/registry.ts";
import { inspect } from "../../../core/pipeline/inspect.ts";
import { createSystemPorts, nodeFacts } from "../../../agent/ports.ts";
import { loadSettings } from "../../../agent/settings.ts";
import { builtins } from "../../../plugins/index.gen.ts";
import { readOptions } from "./options.ts";

const { rounds } = await readOptions<{ rounds: number }>();
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
const settings = loadSettings({ "plugins-dir": "/nonexistent" });
const ports = createSystemPorts(settings.config);
const registry = createRegistry();
const values = new Map<string, unknown>();
const host = createPluginHost({
  definitions: builtins,
  mode: "agent",
  registry,
  ports: {
    ...ports,
    node: nodeFacts(settings.config, ports.facts, "n_bench"),
    log: () => quiet,
    store: () => ({
      get: <T>(key: string) => (values.get(key) as T | undefined) ?? null,
      set: (key, value) => void values.set(key, value),
      delete: (key) => void values.delete(key),
      keys: () => [...values.keys()],
    }),
    paths: { services: null },
  },
  events: {
    wake() {},
    note() {},
    hasIntentInFlight: () => false,
    self: () => ({ rssBytes: process.memoryUsage.rss(), cpuSeconds: 0, plugins: [] }),
    changed() {},
  },
});
await host.apply(settings.instances);

const cpuMs = () => {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
};
const look = (one: RegisteredCheck) =>
  inspect(one, { clock: ports.clock, log: quiet, timeoutMs: 10_000, previous: () => null, oneShot: false });

const checks = registry.checks();
const totals = new Map(checks.map((one) => [one.key, { results: 0, cpuMs: 0 }]));
const warmUp = Math.ceil(rounds / 3);
let roundMs = 0;
for (let round = 0; round < warmUp + rounds; round += 1) {
  ports.fs.beginTick();
  const began = cpuMs();
  for (const one of checks) {
    const before = cpuMs();
    const { results } = await look(one);
    const total = totals.get(one.key)!;
    total.results = results.length;
    if (round >= warmUp) total.cpuMs += cpuMs() - before;
  }
  if (round >= warmUp) roundMs += cpuMs() - began;
}
await host.stop();
const each = [...totals].map(([check, total]) => ({ check, ...total, cpuMs: total.cpuMs / rounds }));
process.stdout.write(JSON.stringify({ checks: each, roundCpuMs: roundMs / rounds }));
