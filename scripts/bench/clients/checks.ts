/** Runs every check of the default configuration many times in this process; prints what each one took. */
import { cpuUsage } from "node:process";
import { openChecks } from "../lib/checks.ts";
import { answer, readOptions } from "./options.ts";

const { rounds } = await readOptions<{ rounds: number }>();
const host = await openChecks();
const cpuMs = () => {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
};

/** What waits is measured a few times only. */
const SLOW_ROUNDS = 4;
const totals = new Map(host.checks.map((one) => [one.key, { results: 0, runs: 0, cpuMs: 0 }]));
const warmUp = Math.ceil(rounds / 3);
for (let round = 0; round < warmUp + rounds; round += 1) {
  host.beginTick();
  for (const one of host.checks) {
    if (host.slow.has(one) && round >= warmUp + SLOW_ROUNDS) continue;
    if (host.slow.has(one) && round > 0 && round < warmUp) continue;
    const before = cpuMs();
    const { results } = await host.look(one);
    const total = totals.get(one.key)!;
    total.results = results.length;
    if (round < warmUp) continue;
    total.runs += 1;
    total.cpuMs += cpuMs() - before;
  }
}
await host.stop();
const checks = [...totals].map(([check, { results, runs, cpuMs: all }]) => ({
  check,
  results,
  cpuMs: all / runs,
}));
const roundCpuMs = checks.reduce((sum, one) => sum + one.cpuMs, 0);
await answer({ checks, roundCpuMs });
