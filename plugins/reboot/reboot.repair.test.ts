/** A recorder stands where the host would go down. */
import { expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createTestContext } from "../../core/testing/context.ts";
import { createFakeActs } from "../../core/testing/fake-ports.ts";
import { createTestProblem, createTestRun, repairContract } from "../../core/testing/repair.contract.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import plugin from "./index.ts";

const DAY = 86_400_000;
const BOOT = "6c1c8a40-2b1c-4c3e-9d0a-000000000001";
const PARAMS = { bootId: BOOT, kernel: "6.1.0-20-amd64" };

function hostWith(files: Record<string, string> = {}): string {
  const root = testFolder();
  const all = {
    "/proc/sys/kernel/random/boot_id": `${BOOT}\n`,
    "/proc/sys/kernel/osrelease": "6.1.0-18-amd64\n",
    "/boot/initrd.img-6.1.0-18-amd64": "",
    "/boot/initrd.img-6.1.0-20-amd64": "",
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const problem = () => {
  const base = createTestProblem({ type: "reboot.needed", target: "host" });
  return { ...base, result: { ...base.result, data: { newest: PARAMS.kernel } } };
};

function setUp(root = hostWith()) {
  const acts = createFakeActs();
  const clock = createTestClock();
  const ctx = createTestContext({ plugin, root, acts, clock });
  const [repair] = plugin.setup(ctx, plugin.config.parse({})).repairs!;
  return { repair: repair!, run: createTestRun(ctx), acts, clock, root };
}

const obstacle = async ({ repair, run }: ReturnType<typeof setUp>, params = PARAMS) =>
  (await repair.preconditions!(params, run)).find(({ ok }) => !ok)?.detail ?? "";

repairContract(plugin, {
  cases: [{ repair: "host.reboot", problem: problem(), context: () => ({ root: hostWith() }) }],
});

test("the plan says from which kernel to which, and that the whole host goes away", async () => {
  const { repair, run } = setUp();
  const plan = await repair.plan(PARAMS, run);
  expect(plan.effects).toEqual([{ kind: "host", verb: "reboot" }]);
  expect(plan.changes).toContainEqual({ what: "kernel", from: "6.1.0-18-amd64", to: "6.1.0-20-amd64" });
});

test("a host that is asked and stays up has failed; a second try is not for the same day", async () => {
  const rig = setUp();
  const { repair, run, acts, clock } = rig;
  expect(await obstacle(rig)).toBe("");
  const outcome = repair.apply(PARAMS, await repair.plan(PARAMS, run), run);
  await clock.advance(600_000);
  expect(await outcome).toMatchObject({
    ok: false,
    summary: expect.stringContaining("still up after 10m"),
  });
  expect(acts.acts).toEqual([{ verb: "reboot", command: ["/usr/bin/systemctl", "reboot"] }]);
  expect(await obstacle(rig)).toContain("Cortex rebooted it");
  await clock.advance(DAY);
  expect(await obstacle(rig)).toBe("");
});

test("while the host goes down nothing is said to have failed: the next boot tells", async () => {
  const { repair, run } = setUp();
  const stopping = new AbortController();
  const plan = await repair.plan(PARAMS, run);
  const outcome = repair.apply(PARAMS, plan, { ...run, signal: stopping.signal });
  setImmediate(() => stopping.abort(new Error("Cortex ends")));
  expect(outcome).rejects.toThrow("Cortex ends");
});

test("T41 without root the privileged helper is asked, or nobody", async () => {
  const without = (leave: "decided" | null) => {
    const acts = createFakeActs();
    const privileges = {
      unit: () => null,
      helper: () => leave,
      missing: () => [],
      chore: () => ({ by: "self" as const }),
    };
    const ctx = createTestContext({ plugin, root: hostWith(), acts, node: { isRoot: false }, privileges });
    const [repair] = plugin.setup(ctx, plugin.config.parse({})).repairs!;
    return { repair: repair!, run: createTestRun(ctx), acts };
  };
  const poor = without(null);
  const right = (await poor.repair.preconditions!(PARAMS, poor.run))[0];
  expect(right).toMatchObject({ ok: false, detail: expect.stringContaining("privileged helper") });
  const { repair, run, acts } = without("decided");
  expect((await repair.preconditions!(PARAMS, run))[0]).toMatchObject({ ok: true });
  const helper = () => Promise.resolve({ ok: false, summary: "the helper refused" });
  const plan = await repair.plan(PARAMS, run);
  expect(await repair.apply(PARAMS, plan, { ...run, helper })).toMatchObject({
    summary: "the helper refused",
  });
  expect(acts.acts).toEqual([]);
});

test("another boot is the proof, the same one is none", async () => {
  const same = setUp();
  const plan = await same.repair.plan(PARAMS, same.run);
  expect(await same.repair.probe!(PARAMS, same.run)).toBe("not_done");
  expect((await same.repair.verify!(PARAMS, plan, same.run)).ok).toBe(false);
  const other = setUp(hostWith({ "/proc/sys/kernel/random/boot_id": "another\n" }));
  expect(await other.repair.probe!(PARAMS, other.run)).toBe("done");
  expect((await other.repair.verify!(PARAMS, plan, other.run)).ok).toBe(true);
  expect(await obstacle(other)).toContain("has booted since");
});

test("nothing that is half done is cut off, and no kernel is started that can't", async () => {
  const host = (files: Record<string, string>) => obstacle(setUp(hostWith(files)));
  expect(await host({ "/var/lib/dpkg/updates/0001": "" })).toContain("dpkg --configure -a");
  expect(await host({ "/run/systemd/shutdown/scheduled": "" })).toContain("a shutdown is under way");
  const rig = setUp();
  rmSync(join(rig.root, "boot/initrd.img-6.1.0-20-amd64"));
  expect(await obstacle(rig)).toContain("no initial RAM disk");
  rmSync(join(rig.root, "boot/initrd.img-6.1.0-18-amd64"));
  expect(await obstacle(rig)).toBe("");
});
