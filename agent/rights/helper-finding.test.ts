import { afterEach, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprintWords } from "../../core/domain/node-key.ts";
import { serveLines } from "../../core/ports/network/line-socket.ts";
import { loadDecisionKey } from "../../core/store/identity.ts";
import { ephemeralKeyPair } from "../../core/store/key-file.ts";
import { createUpstreamFiles } from "../../core/store/upstream.ts";
import { createHelperRig, DECIDED, HELPED_NODE, restartOf } from "../../core/testing/helper-rig.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import { decidesNow, examineHelper } from "./helper-finding.ts";
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
  const text = async (policy?: object) => (await examineHelper(served(policy).place, null))?.text;
  expect(await text()).toBe(
    "as root, with an approval any unit that does not guard the machine; alone nginx.service (restart); 0 of 20 acts used in the last hour",
  );
  expect(await text({ version: 1, node: HELPED_NODE, user: "tester" })).toContain(
    "allows nothing; name units in",
  );
  const { rig, place } = served();
  writeFileSync(join(rig.folder, "trust.d/monitor.key"), "not a key\n");
  expect(await examineHelper(place, null)).toMatchObject({
    status: "warning",
    text: expect.stringContaining("holds no public key"),
  });
  expect(await examineHelper({ ...place, socket: join(rig.folder, "none.sock") }, null)).toMatchObject({
    status: "warning",
  });
  expect(await examineHelper({ socket: "/nowhere/a", policy: "/nowhere/b" }, null)).toBeNull();
});

test("doctor says that the helper lacks the key that decides now, with its words and what to run", async () => {
  const { rig, place } = served();
  const keys = testFolder();
  expect(decidesNow(keys)).toBeNull();
  const files = createUpstreamFiles(keys);
  const joined = { url: "https://monitor.example/", fingerprint: null, joinedAt: 0, keySince: 0 };
  const believe = (key: Uint8Array) => {
    const decisionKey = Buffer.from(key).toString("base64");
    files.write({ ...joined, publicKey: decisionKey, decisionKey });
    return examineHelper(place, decidesNow(keys));
  };
  expect(await believe(Buffer.from(rig.key.signer, "base64url"))).toMatchObject({ status: "ok" });
  const { publicKey } = ephemeralKeyPair();
  const found = await believe(publicKey);
  expect(found).toMatchObject({ status: "warning" });
  expect(found?.text).toContain(fingerprintWords(publicKey));
  expect(found?.text).toContain("sudo cortex helper trust add --from-node");
});

test("on a Monitor the key that decides is its own", () => {
  const keys = testFolder();
  const { publicKey } = loadDecisionKey(keys);
  expect(decidesNow(keys)).toEqual(publicKey);
});
