import { afterEach, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { serveLines } from "../core/ports/line-socket.ts";
import { createHelperRig, DECIDED, HELPED_NODE, restartOf } from "../core/testing/helper-rig.ts";
import { testFolder } from "../core/testing/test-folder.ts";
import { examineHelper } from "./helper-finding.ts";
import { createRootHelper } from "./root-helper.ts";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** Served over a real socket, for the user of this test as if it were the agent's. */
function served(policy: object = DECIDED) {
  const rig = createHelperRig(testFolder(), { policy });
  const place = { socket: join(rig.folder, "helper.sock"), policy: join(rig.folder, "helper.yaml") };
  const { stop } = serveLines({
    at: { path: place.socket, uid: process.getuid!() },
    maxBytes: 100_000,
    readSeconds: 5,
    maxConnections: 4,
    admits: () => true,
    answer: (line, peer) => rig.helper.answer(line, { ...peer, uid: 1000 }),
    tooLong: rig.helper.tooLong,
  });
  stops.push(stop);
  return { rig, place, helper: createRootHelper(() => place) };
}

test("the agent has the helper act with the approval it was given, and hears what came of it", async () => {
  const { rig, helper } = served();
  const effect = restartOf("postgresql@15-main.service");
  const work = rig.work(effect);
  expect([
    helper.leave(effect),
    helper.leave(restartOf("nginx.service")),
    helper.leave(restartOf("ssh.service")),
  ]).toEqual(["decided", "alone", null]);
  expect(await helper.act(work, rig.approve(work))).toMatchObject({
    ok: true,
    summary: expect.stringContaining("restart done"),
  });
  expect(await helper.act(work, rig.approve(work))).toMatchObject({
    ok: false,
    summary: expect.stringContaining("begun before"),
    data: { helper: "helper.replayed" },
  });
  expect(rig.acts).toHaveLength(1);
});

test("a helper that is not there leaves nothing, and is an outcome instead of an error", async () => {
  const { rig, place } = served();
  const helper = createRootHelper(() => ({ ...place, socket: join(rig.folder, "none.sock") }));
  const work = rig.work(restartOf("nginx.service"));
  expect(helper.leave(restartOf("nginx.service"))).toBeNull();
  expect(await helper.act(work, null)).toMatchObject({ ok: false, data: { helper: "socket.unavailable" } });
});

test("doctor says what Cortex may do through the helper, and what is missing", async () => {
  const text = async (policy?: object) => (await examineHelper(served(policy).place))?.text;
  expect(await text()).toBe(
    "as root, with an approval any unit that does not guard the machine; alone nginx.service (restart); 0 of 20 acts used in the last hour",
  );
  expect(await text({ version: 1, node: HELPED_NODE, user: "tester" })).toContain(
    "allows nothing; name units in",
  );
  const { rig, place } = served();
  writeFileSync(join(rig.folder, "trust.d/monitor.key"), "not a key\n");
  expect(await examineHelper(place)).toMatchObject({
    status: "warning",
    text: expect.stringContaining("holds no public key"),
  });
  expect(await examineHelper({ ...place, socket: join(rig.folder, "none.sock") })).toMatchObject({
    status: "warning",
  });
  expect(await examineHelper({ socket: "/nowhere/a", policy: "/nowhere/b" })).toBeNull();
});
