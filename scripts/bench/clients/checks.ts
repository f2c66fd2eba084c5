/** Runs every check of the default configuration many times in this process; prints what each one took. */
import { cpuUsage } from "node:process";
import { openChecks } from "../lib/checks.ts";
import { readOptions } from "./options.ts";

const { rounds } = await readOptions<{ rounds: number }>();
const host = await openChecks();
const cpuMs = () => {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
};

const totals = new Map(host.checks.map((one) => [one.key, { results: 0, cpuMs: 0 }]));
const warmUp = Math.ceil(rounds / 3);
let roundMs = 0;
for (let round = 0; round < warmUp + rounds; round += 1) {
  host.beginTick();
  const began = cpuMs();
  for (const one of host.checks) {
    const before = cpuMs();
    const { results } = await host.look(one);
    const total = totals.get(one.key)!;
    total.results = results.length;
    if (round >= warmUp) total.cpuMs += cpuMs() - before;
  }
  if (round >= warmUp) roundMs += cpuMs() - began;
}
await host.stop();
const each = [...totals].map(([check, total]) => ({ check, ...total, cpuMs: total.cpuMs / rounds }));
process.stdout.write(JSON.stringify({ checks: each, roundCpuMs: roundMs / rounds }));
