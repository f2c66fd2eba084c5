import { describe, expect, test } from "bun:test";
import { cpSync } from "node:fs";
import { fingerprintWords } from "../domain/node-key.ts";
import { ADMIN, joinString, MONITOR_URL } from "../testing/remote-node.ts";
import { testFolder } from "../testing/test-folder.ts";
import { createTestNode, type TestNodeOptions } from "../testing/test-node.ts";
import { createTestApi, type TestApi } from "../testing/test-api.ts";
import { sampleHeartbeat, sampleReport } from "../testing/wire-samples.ts";
import { carryOutTrust } from "../uplink/trust-wish.ts";
import type { Command, CommandResult } from "../wire/command.ts";
import { type MessageType, WIRE_VERSION } from "../wire/envelope.ts";

/** A node that was let in and is on line, answering commands. */
async function online(
  t: TestApi,
  options: TestNodeOptions = {},
  answer: (command: Command) => Promise<CommandResult> = async () => ({ ok: true }),
) {
  const node = createTestNode(t, options);
  if (node.upstream.read() === null) await node.join(await joinString(t, { autoApprove: true }));
  const { uplink, client } = node.connect();
  const commands: Command[] = [];
  uplink.onCommand((command) => {
    commands.push(command);
    return answer(command);
  });
  let seq = 0;
  const epoch = options.epoch ?? 1;
  const tell = (type: MessageType, body: unknown) =>
    uplink.deliver([
      {
        v: WIRE_VERSION,
        type,
        id: crypto.randomUUID(),
        node: node.identity.nodeId,
        epoch,
        seq: (seq += 1),
        at: new Date(t.clock.now()).toISOString(),
        body,
      },
    ]);
  uplink.start();
  await t.clock.advance(0);
  return {
    ...node,
    uplink,
    client,
    commands,
    tell,
    beat: () => tell("heartbeat", sampleHeartbeat(t.clock.now())),
  };
}

const stateOf = (t: TestApi, id: string) => t.monitor.nodes.item(id)?.state;
const settled = async (t: TestApi) => {
  for (let turn = 0; turn < 4; turn += 1) await t.clock.advance(0);
};

/** The same host again: its folder, copied while it ran. */
function copyOf(keys: string): string {
  const copy = testFolder();
  cpSync(keys, copy, { recursive: true });
  return copy;
}

/** What a log was told, as lines of one text each. */
function listener() {
  const lines: string[] = [];
  const say = (message: string, fields: Record<string, unknown> = {}) =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  return { lines, log: { debug() {}, info: say, warn: say, error: say } };
}

describe("the link of a remote node", () => {
  test("a node that waits for approval says so, with the words to compare and where to approve it", async () => {
    const t = createTestApi();
    const { lines, log } = listener();
    const node = createTestNode(t, { log });
    await node.join(await joinString(t));
    const { uplink } = node.connect();
    uplink.start();
    await settled(t);
    expect(uplink.status().state).toBe("pending");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toStartWith("This node waits for approval");
    expect(lines[0]).toContain(fingerprintWords(node.identity.publicKey));
    expect(lines[0]).toContain(`cortex nodes approve ${node.id}`);
    expect(lines[0]).toContain(MONITOR_URL);
    uplink.stop();
  });

  test("a node that was revoked says so and what can be done, not that its Monitor is away", async () => {
    const t = createTestApi();
    const { lines, log } = listener();
    const node = await online(t, { log });
    await t.send("POST", `/api/v1/nodes/${node.id}/revoke`, {
      principal: ADMIN,
      body: { reason: "stolen" },
    });
    const thrown = await node.beat().catch((error: { code: string }) => error.code);
    expect(thrown).toBe("link.down");
    expect(node.uplink.status().state).toBe("revoked");
    expect(lines.at(-1)).toStartWith("The Monitor revoked this node");
    expect(lines.at(-1)).toContain("cortex leave");
    expect(lines.join("\n")).not.toContain("not reached");
    node.uplink.stop();
  });

  test("T24 a link that was left asks and takes nothing more, and leaves no session behind", async () => {
    const t = createTestApi();
    const { lines, log } = listener();
    const node = await online(t, { log });
    carryOutTrust(node.beliefs, { act: "leave" }, "local");
    node.uplink.leave();
    const asked = node.captured.length;
    expect(await node.beat().catch((error: { code: string }) => error.code)).toBe("link.down");
    await t.clock.advance(60_000);
    expect(node.captured).toHaveLength(asked);
    expect([node.uplink.status().state, node.upstream.session()]).toEqual(["left", null]);
    expect(lines.at(-1)).toContain("restart Cortex");
  });

  test("T24 a node that took its deciding key away is given no other one by connecting", async () => {
    const t = createTestApi();
    const node = await online(t);
    const joined = node.upstream.read()!;
    expect(joined.decisionKey).not.toBeNull();
    node.uplink.stop();
    node.upstream.write({ ...joined, decisionKey: null, refusedKeys: [joined.decisionKey!] });
    t.decidingKey.rotate(t.monitorKey, { now: t.clock.now(), keepsOld: true });
    await t.clock.advance(10);
    const again = await online(t, { keys: node.keys, epoch: 2 });
    expect(again.uplink.status().state).toBe("online");
    expect(again.upstream.read()?.decisionKey).toBeNull();
    again.uplink.stop();
  });

  test("brings its messages once and makes it online", async () => {
    const t = createTestApi();
    const node = await online(t);
    expect(node.uplink.status().state).toBe("online");
    expect(await node.beat()).toEqual({ handled: 1 });
    await node.tell("report", sampleReport(t.clock.now()));
    expect(t.monitor.nodes.item(node.id)).toMatchObject({ state: "online", connected: true });
    expect(t.monitor.nodes.detail(node.id)!.latest).toHaveLength(1);
    node.uplink.stop();
  });

  test("carries a command down and its answer up at once, and carries it out once", async () => {
    const t = createTestApi();
    const node = await online(t);
    const sent = t.monitor.downlink.send(node.id, {
      type: "switch",
      repairs: false,
      reason: "test",
      actor: "local",
    });
    await settled(t);
    expect(await sent).toEqual({ ok: true });
    expect(node.commands.map((one) => one.type)).toEqual(["switch"]);
    node.uplink.stop();
  });

  test("a command whose answer was lost on the way is answered again and not repeated", async () => {
    const t = createTestApi();
    const node = await online(t, {}, async () => {
      node.cut(true);
      return { ok: true };
    });
    const sent = t.monitor.downlink.send(node.id, { type: "ledger.verify", actor: "local" });
    await settled(t);
    node.cut(false);
    // The poll that was open meanwhile ends, and the next one brings the answer.
    await t.clock.advance(26_000);
    expect(await sent).toEqual({ ok: true });
    expect(node.commands).toHaveLength(1);
    node.uplink.stop();
  });

  test("late, then offline, when it is silent; online again with its first message", async () => {
    const t = createTestApi();
    t.monitor.start();
    const node = await online(t);
    await node.beat();
    node.cut(true);
    await t.clock.advance(100_000);
    expect(stateOf(t, node.id)).toBe("late");
    await t.clock.advance(250_000);
    expect(t.monitor.nodes.item(node.id)).toMatchObject({ state: "offline", connected: false });
    expect(node.uplink.status().state).toBe("unreachable");
    expect(node.beat()).rejects.toMatchObject({ kind: "unavailable" });
    node.cut(false);
    await t.clock.advance(30_000);
    await node.beat();
    expect(stateOf(t, node.id)).toBe("online");
    node.uplink.stop();
    t.monitor.stop();
  });

  test("a Monitor that restarts finds the same session and takes it for no second host", async () => {
    const t = createTestApi();
    const node = await online(t);
    await node.beat();
    // Everything the Monitor had in memory about the link is gone.
    t.enrol.links.stop();
    await t.clock.advance(5000);
    await node.beat();
    expect(stateOf(t, node.id)).toBe("online");
    node.uplink.stop();
  });

  test("a Monitor whose clock is set back or forward by a day hears its nodes all the same", async () => {
    const t = createTestApi();
    const node = await online(t);
    await node.beat();
    for (const step of [-86_400_000, 86_400_000]) {
      t.clock.jump(step);
      await t.clock.advance(60_000);
      await node.beat();
      expect(node.uplink.status().state).toBe("online");
      expect(stateOf(t, node.id)).toBe("online");
    }
    node.uplink.stop();
  });

  test("a node that left and joins again is the same node, without another approval", async () => {
    const t = createTestApi();
    const node = await online(t);
    await node.beat();
    node.uplink.stop();
    carryOutTrust(node.beliefs, { act: "leave" }, "local");
    expect([node.upstream.read(), node.upstream.session()]).toEqual([null, null]);
    expect(await node.join(await joinString(t))).toMatchObject({ state: "active", node: node.id });
    await t.clock.advance(10);
    const again = await online(t, { keys: node.keys, epoch: 2 });
    await again.beat();
    expect(stateOf(t, node.id)).toBe("online");
    again.uplink.stop();
  });

  test("a node that restarts, also after an answer that was lost, is no second host", async () => {
    const t = createTestApi();
    const first = await online(t);
    await first.beat();
    first.uplink.stop();
    let drop = true;
    const second = createTestNode(t, {
      keys: first.keys,
      epoch: 2,
      through: async (url, options) => {
        const answer = await first.fetch(url, options);
        if (drop && url.endsWith("/connect")) {
          drop = false;
          throw new Error("the answer was lost");
        }
        return answer;
      },
    }).connect().uplink;
    second.start();
    await t.clock.advance(2000);
    expect(second.status().state).toBe("online");
    expect(stateOf(t, first.id)).toBe("online");
    second.stop();
  });
});

describe("two hosts with one key", () => {
  for (const copied of ["key and session", "the key alone"])
    test(`T07 are both shut out within a minute, and people are told (${copied})`, async () => {
      const t = createTestApi();
      const a = await online(t);
      await a.beat();
      const keys = copyOf(a.keys);
      if (copied === "the key alone") createTestNode(t, { keys }).upstream.setSession(null);
      const b = await online(t, { keys, epoch: 2, ip: "10.0.0.99" });
      await b.beat().catch(() => undefined);
      await t.clock.advance(60_000);
      expect(stateOf(t, a.id)).toBe("quarantined");
      expect(a.uplink.status().state).toBe("quarantined");
      expect(b.uplink.status().state).toBe("quarantined");
      const open = t.store.problems.find({ node: a.id, state: ["open"], limit: 5 }).items;
      expect(open.map(({ body }) => [body.type, body.level, body.severity])).toEqual([
        ["identity.conflict", "L3", "critical"],
      ]);
      // Neither may be told anything, neither is believed.
      const order = t.monitor.downlink.send(a.id, { type: "config.show", actor: "local" });
      expect(order).rejects.toMatchObject({ code: "monitor.node_unreachable" });
      await a.client.synchronize();
      expect(await a.client.post("/api/v1/heartbeat", sampleHeartbeat(t.clock.now()), 1000)).toMatchObject({
        status: 403,
        code: "node.quarantined",
      });
      // The copy is stopped, a person says so, and the real one is back by itself.
      b.uplink.stop();
      const released = await t.send("POST", `/api/v1/nodes/${a.id}/release`, { principal: ADMIN });
      expect(released.status).toBe(200);
      await t.clock.advance(60_000);
      await a.beat();
      expect(stateOf(t, a.id)).toBe("online");
      expect(t.store.problems.find({ node: a.id, state: ["open"], limit: 5 }).items).toEqual([]);
      a.uplink.stop();
    });

  test("T89 a host that was restored from an old copy is shut out until a person says that it is the one", async () => {
    const t = createTestApi();
    const before = await online(t);
    await before.beat();
    const old = copyOf(before.keys);
    before.uplink.stop();
    await t.clock.advance(3_600_000);
    const since = await online(t, { keys: before.keys, epoch: 2 });
    await since.beat();
    since.uplink.stop();
    await t.clock.advance(3_600_000);
    const again = await online(t, { keys: old, epoch: 2 });
    // Its numbers were used before, so that its first messages count as replays; then its session gives it away.
    await t.clock.advance(120_000);
    expect(stateOf(t, again.id)).toBe("quarantined");
    // What was approved for the host as it was is not carried out by the one that lost its memory of it.
    const order = t.monitor.downlink.send(again.id, { type: "config.show", actor: "local" });
    expect(order).rejects.toMatchObject({ code: "monitor.node_unreachable" });
    const body = { principal: ADMIN };
    expect((await t.send("POST", `/api/v1/nodes/${again.id}/release`, body)).status).toBe(200);
    await t.clock.advance(60_000);
    expect(again.uplink.status().state).toBe("online");
    again.uplink.stop();
  });

  test("T07 control: without the check of sessions both go on for hours", async () => {
    const t = createTestApi({ unguarded: { sessions: true } });
    const a = await online(t);
    await a.beat();
    await t.clock.advance(10);
    const b = await online(t, { keys: copyOf(a.keys), epoch: 2 });
    await b.beat();
    await t.clock.advance(3_600_000);
    expect(stateOf(t, a.id)).not.toBe("quarantined");
    a.uplink.stop();
    b.uplink.stop();
  });
});

describe("a revoked node", () => {
  test("T08 is out at once, with a poll open, and stays out", async () => {
    const t = createTestApi();
    const node = await online(t);
    await node.beat();
    const body = { reason: "sold" };
    await t.send("POST", `/api/v1/nodes/${node.id}/revoke`, { principal: ADMIN, body });
    await settled(t);
    expect(node.uplink.status().state).toBe("revoked");
    expect(t.monitor.nodes.item(node.id)).toMatchObject({ state: "revoked", connected: false });
    expect(node.uplink.rotate()).rejects.toMatchObject({ code: "node.revoked" });
    await settled(t);
    node.uplink.stop();
  });

  test("T08 takes its API keys and its open problems with it", async () => {
    const t = createTestApi();
    const node = await online(t);
    const key = await t.createKey("node", node.id);
    const report = () => t.send("POST", "/api/v1/heartbeat", { key, body: sampleHeartbeat(t.clock.now()) });
    expect((await report()).status).toBe(200);
    const body = { reason: "sold" };
    await t.send("POST", `/api/v1/nodes/${node.id}/revoke`, { principal: ADMIN, body });
    expect((await report()).status).toBe(403);
    node.uplink.stop();
  });
});

describe("a new key", () => {
  test("is used from the next message on, the old one is worth nothing, the node stays the same", async () => {
    const t = createTestApi();
    const node = await online(t);
    await node.beat();
    const old = node.identity.keyId;
    const stolen = copyOf(node.keys);
    const answer = t.send("POST", `/api/v1/nodes/${node.id}/rotate`, { principal: ADMIN });
    // Nobody here carries the command out; the node does it by itself.
    await settled(t);
    await answer;
    const { key } = await node.uplink.rotate();
    expect(key).not.toBe(old);
    await node.beat();
    expect(node.identity.nodeId).toBe(node.id);
    expect(
      node.identity.verify(
        "signed before",
        createTestNode(t, { keys: stolen }).identity.sign("signed before"),
      ),
    ).toBe(true);
    expect(t.enrol.nodes.keyOf(node.id)!.id).toBe(key);
    const thief = createTestNode(t, { keys: stolen, epoch: 7 }).connect().client;
    await thief.synchronize();
    expect(await thief.post("/api/v1/heartbeat", sampleHeartbeat(t.clock.now()), 1000)).toMatchObject({
      status: 403,
      code: "node.key_retired",
    });
    node.uplink.stop();
  });

  test("that is asked for twice at once is one new key, and the node is still heard", async () => {
    const t = createTestApi();
    const node = await online(t);
    // A person asks for it, and the poll that brought the wish finds a change of keys under way.
    const [one, other] = await Promise.all([node.uplink.rotate(), node.uplink.rotate()]);
    expect(other.key).toBe(one.key);
    expect(node.identity.keyId).toBe(one.key);
    await node.beat();
    expect(t.enrol.nodes.keyOf(node.id)!.id).toBe(one.key);
    node.uplink.stop();
  });

  test("does not strand what was on its way under the old one", async () => {
    const t = createTestApi();
    const wire = createTestNode(t);
    await wire.join(await joinString(t, { autoApprove: true }));
    const slow = Promise.withResolvers<void>();
    let isSlow = false;
    const node = await online(t, {
      keys: wire.keys,
      async through(url, options) {
        if (isSlow) await slow.promise;
        return wire.fetch(url, options);
      },
    });
    isSlow = true;
    const late = node.beat();
    await settled(t);
    isSlow = false;
    await node.uplink.rotate();
    await node.beat();
    slow.resolve();
    expect(await late).toEqual({ handled: 1 });
    expect(node.uplink.status().state).toBe("online");
    node.uplink.stop();
  });

  test("an interrupted change of keys is finished after the restart", async () => {
    const t = createTestApi();
    const node = await online(t);
    const next = node.identity.nextKey();
    node.uplink.stop();
    const again = await online(t, { keys: node.keys, epoch: 2 });
    await t.clock.advance(30_000);
    expect(again.identity.keyId).toBe(next.id);
    await again.beat();
    expect(t.enrol.nodes.keyOf(node.id)!.id).toBe(next.id);
    again.uplink.stop();
  });
});
