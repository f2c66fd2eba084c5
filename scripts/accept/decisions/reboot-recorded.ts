/**
 * A reboot as far as it can go without taking this machine along: a recorder stands where the host would go down, the host's
 * root is a folder, and its boot id is changed while Cortex is away. Asked once, done once, verified after the boot, and no
 * second one on the same day.
 */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now, pause, until } from "../lib/wait.ts";
import { WIDE_BUDGETS } from "../loop/demo.ts";
import type { Scenario } from "../scenario.ts";
import { approve, asked, askingConfig, heldOrAsked } from "./asking.ts";
import { intentOf, intentReaches } from "./waiting.ts";

const KERNELS = ["6.1.0-18-amd64", "6.1.0-20-amd64", "6.1.0-22-amd64"];

async function scene(rig: Rig, minInterval: string): Promise<string> {
  const host = join(rig.folder, "host");
  const records = join(rig.folder, "reboots");
  mkdirSync(records);
  const write = (path: string, text = "") => {
    mkdirSync(dirname(join(host, path)), { recursive: true });
    writeFileSync(join(host, path), text);
  };
  const install = (kernel: string) => {
    write(`boot/vmlinuz-${kernel}`);
    write(`boot/initrd.img-${kernel}`);
    write(`lib/modules/${kernel}/modules.dep`);
  };
  const boot = (kernel: string, id: number) => {
    write("proc/sys/kernel/osrelease", `${kernel}\n`);
    write("proc/sys/kernel/random/boot_id", `6c1c8a40-2b1c-4c3e-9d0a-00000000000${id}\n`);
  };
  const reboots = () => readdirSync(records).length;

  boot(KERNELS[0]!, 1);
  install(KERNELS[0]!);
  install(KERNELS[1]!);
  const reboot = {
    warning_after: "1s",
    critical_after: "1h",
    interval: "1s",
    // Makes a new file each time it is run.
    command: ["/usr/bin/mktemp", join(records, "asked-XXXXXX")],
    min_interval: minInterval,
  };
  const breaker = { ...WIDE_BUDGETS.breaker, window: "1s" };
  const cortex = await rig.cortex({ config: askingConfig({ reboot }, { host_root: host, breaker }) });
  const decision = await asked(cortex, "host.reboot");
  ensure(
    decision.plan?.changes.some(({ from, to }) => from === KERNELS[0] && to === KERNELS[1]) ?? false,
    "the plan names no kernels",
  );
  await pause(1000);
  ensureEqual(reboots(), 0, "reboots although nobody decided");
  const at = now();
  await approve(cortex, decision);
  await until(() => reboots() === 1, { what: "the host is asked to boot", timeoutMs: 15_000, everyMs: 5 });
  const askedMs = now() - at;
  await pause(1000);
  ensureEqual((await intentOf(cortex, decision)).state, "executing", "state while the host goes down");
  // As init does it; then the machine is another boot.
  await cortex.stop();
  boot(KERNELS[1]!, 2);
  await cortex.restart();
  await intentReaches(cortex, decision, "verified", 30_000);
  ensureEqual(reboots(), 1, "reboots");

  install(KERNELS[2]!);
  const { hold } = await heldOrAsked(cortex, "reboot_needed");
  ensure(
    hold.includes("Cortex rebooted it"),
    `a second reboot on the same day: ${hold || "it was asked for"}`,
  );
  ensureEqual(reboots(), 1, "reboots in the end");
  return `asked ${inTime(askedMs)} after the yes, once; executing until the next boot, then verified; the second on one day was held`;
}

const scenario: Scenario = {
  name: "reboot-recorded",
  quick: false,
  timeoutMs: 180_000,
  run: (rig) => scene(rig, "24h"),
  control: (rig) => scene(rig, "0s"),
};
export default scenario;
