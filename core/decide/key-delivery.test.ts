import { expect, test } from "bun:test";
import { ephemeralKeyPair, verifySignature } from "../store/key-file.ts";
import { createUpstreamFiles } from "../store/upstream.ts";
import { demoHooks } from "../testing/agent-rig.ts";
import { createDecideRig, RIG_NODE, settled } from "../testing/decide-rig.ts";
import { createTestBeliefs } from "../testing/test-beliefs.ts";
import { createTestDecidingKey } from "../testing/test-deciding-key.ts";
import { testFolder } from "../testing/test-folder.ts";
import { ledgerOf } from "../uplink/beliefs.ts";
import { decidingKeys, followInto } from "../uplink/deciding-keys.ts";
import type { Command } from "../wire/command.ts";
import type { Voter } from "./votes.ts";

const LONG = 20_000;
const CONFIG = {
  node: { tags: ["critical"], group: "web" },
  link: { report: "1s", heartbeat: "5s" },
  verify: { stable: "2s", watch: "5s", interval: "1s", timeout: "10s" },
};
const anna: Voter = { kind: "user", id: "1", name: "anna", method: "password", isFresh: true };
const base64 = (name: string) => Buffer.from(name, "base64url").toString("base64");

/** A node whose trust is in its own files, and a Monitor whose words can be held back. */
async function house(options: { obeys?: boolean } = {}) {
  const identity = ephemeralKeyPair();
  const key = createTestDecidingKey();
  const keys = testFolder();
  const files = createUpstreamFiles(keys);
  files.write({
    url: "https://monitor.example/",
    publicKey: Buffer.from(identity.publicKey).toString("base64"),
    fingerprint: null,
    decisionKey: base64(key.name),
    joinedAt: 0,
    keySince: 0,
  });
  const said: Command[] = [];
  const held = new Set<Command["type"]>();
  const rig = createDecideRig({
    config: CONFIG,
    decidingKey: key,
    hooks(world) {
      const { checks = [], repairs = [] } = demoHooks(world);
      const plan = async () => ({
        summary: "start demo",
        changes: [],
        effects: [{ kind: "service", verb: "start", name: "demo" } as const],
      });
      return { checks, repairs: [{ ...repairs[0]!, plan }] };
    },
    trust: {
      signers: () => decidingKeys(files.read(), rig.clock.now()),
      verify: (signer, message, signature) =>
        verifySignature(new Uint8Array(Buffer.from(signer, "base64url")), message, signature),
    },
    followKey: (links, actor) => followInto(beliefs, links, rig.clock.now(), actor),
    downlink: (real) => ({
      ...real,
      send(node, command) {
        said.push(command);
        if (held.has(command.type))
          return Promise.resolve({
            ok: false,
            code: "link.down",
            kind: "unavailable",
            message: "out of reach",
          });
        if (options.obeys === false && command.type === "deciding_key.follow")
          return Promise.resolve({ ok: false, code: "command.invalid", kind: "invalid", message: "older" });
        return real.send(node, command);
      },
    }),
  });
  const beliefs = createTestBeliefs(keys, () => rig.clock.now());
  beliefs.writeInto(ledgerOf(rig.agent.store));
  await rig.start();
  await settled(rig);
  rig.agent.world.status.demo = "critical";
  await settled(rig, 9000);
  return {
    rig,
    key,
    files,
    held,
    said,
    rotate(keepsOld = true) {
      key.rotate(identity, { now: rig.clock.now(), keepsOld });
      rig.decide.keyChanged();
    },
    approve: () => rig.decide.decisions.vote(rig.decision().id, "approve", "", anna),
    kinds: () => said.map(({ type }) => type),
  };
}

test("T24 a node hears of the new key before anything that it signed, and what it signed runs once", async () => {
  const { rig, key, held, approve, rotate, kinds, said } = await house();
  held.add("deciding_key.follow");
  rotate();
  approve();
  await settled(rig, LONG);
  expect(kinds()).toContain("deciding_key.follow");
  expect(kinds()).not.toContain("decision");
  expect(rig.agent.world.acts).toEqual([]);
  held.clear();
  await settled(rig, LONG);
  const told = said.find((one) => one.type === "decision");
  expect(told?.approval).toMatchObject({ signer: key.name });
  expect(rig.agent.world.acts).toEqual(["apply:demo"]);
  expect(rig.decide.keys.told()).toEqual({ told: 1, nodes: 1 });
  const entries = rig.agent.store.ledger.read(0, 200).map(({ kind }) => kind);
  expect(entries.filter((kind) => kind === "deciding_key.followed")).toHaveLength(1);
  await rig.stop();
});

test.each([
  ["carried out during the overlap", true],
  ["refused after a rotation at once", false],
])("T24 what the old key signed is %s", async (_, keepsOld) => {
  const { rig, held, approve, rotate } = await house();
  held.add("decision");
  approve();
  await settled(rig);
  rotate(keepsOld);
  await settled(rig);
  held.clear();
  await settled(rig, LONG);
  expect(rig.agent.world.acts).toEqual(keepsOld ? ["apply:demo"] : []);
  expect(rig.decision().delivery?.state).toBe(keepsOld ? "told" : "refused");
  await rig.stop();
});

test("T24 a node that can't follow is told what was decided, and refuses it, in words that everybody sees", async () => {
  const { rig, approve, rotate } = await house({ obeys: false });
  rotate();
  await settled(rig);
  approve();
  await settled(rig, LONG);
  expect(rig.agent.world.acts).toEqual([]);
  expect(rig.decision().delivery?.state).toBe("refused");
  expect(rig.decide.keys.told()).toEqual({ told: 0, nodes: 1 });
  await rig.stop();
});

test("a node that connects anew is told again, since it may have come back from an older copy", async () => {
  const { rig, key, files, rotate } = await house();
  const older = files.read()!;
  rotate();
  await settled(rig);
  files.write(older);
  rig.decide.keys.forget(RIG_NODE);
  await settled(rig);
  expect(files.read()?.decisionKey).toBe(base64(key.name));
  await rig.stop();
});
