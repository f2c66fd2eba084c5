import { describe, expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { enrolBytes } from "../domain/signing.ts";
import { ephemeralKeyPair } from "../store/key-file.ts";
import { ADMIN, joinString } from "../testing/remote-node.ts";
import { createTestNode } from "../testing/test-node.ts";
import { createTestApi, type TestApi } from "../testing/test-api.ts";
import { sampleHeartbeat } from "../testing/wire-samples.ts";
import { parseJoinString } from "../wire/join-string.ts";

/** One request to enrol with a key of its own, as an attacker would write it. */
async function enrolment(t: TestApi, secret: string, name = "web-1", ip = "10.0.0.7") {
  const clientNonce = randomBytes(32).toString("base64url");
  const hello = await t.send("GET", `/enrol/hello?nonce=${clientNonce}`, { ip });
  const key = ephemeralKeyPair();
  const tokenHash = createHash("sha256").update(secret).digest("hex");
  const nonce = String(hello.json.nonce);
  return {
    body: {
      token: secret,
      publicKey: Buffer.from(key.publicKey).toString("base64"),
      nonce,
      signature: key.sign(enrolBytes({ nonce, monitorKey: String(hello.json.key), tokenHash })),
      facts: { name, os: "Debian", arch: "x64", version: "1.2.3" },
    },
    ip,
  };
}

const secretOf = async (t: TestApi, wish: Record<string, unknown> = {}) =>
  parseJoinString(await joinString(t, wish))!.secret;
const act = (t: TestApi, path: string, body?: unknown) =>
  t.send("POST", `/api/v1/nodes/${path}`, { principal: ADMIN, body });
const kinds = (t: TestApi) => t.store.ledger.read(0, 1000).map((entry) => entry.kind);

describe("join tokens", () => {
  test("T01 of two enrolments at once with one token exactly one gets in, and none after its time", async () => {
    const t = createTestApi({ limits: { maxPending: 1000 } });
    for (let round = 0; round < 100; round += 1) {
      const secret = await secretOf(t);
      const ip = `10.1.0.${round}`;
      const both = [
        await enrolment(t, secret, `a-${round}`, ip),
        await enrolment(t, secret, `b-${round}`, ip),
      ];
      const answers = await Promise.all(both.map(({ body }) => t.send("POST", "/enrol", { body, ip })));
      expect(answers.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([201, 401]);
    }
    const late = await secretOf(t, { ttlSeconds: 60 });
    t.clock.jump(61_000);
    const { body, ip } = await enrolment(t, late, "late", "10.2.0.1");
    expect(await t.send("POST", "/enrol", { body, ip })).toMatchObject({
      status: 401,
      json: { error: { code: "enrol.token" } },
    });
  });

  test("T02 a guess gets the same answer whatever is wrong, and after five of them none", async () => {
    const t = createTestApi();
    const spent = await secretOf(t);
    const good = await enrolment(t, spent);
    expect((await t.send("POST", "/enrol", good)).status).toBe(201);
    const revoked = await secretOf(t);
    const { id } = t.store.enrolment.tokens.all().find((one) => one.used === 0)!;
    await t.send("DELETE", `/api/v1/tokens/${id}`, { principal: ADMIN });
    const texts = new Set<string>();
    const unknown = randomBytes(32).toString("base64url");
    for (const secret of [spent, revoked, unknown, unknown, unknown]) {
      const answer = await t.send("POST", "/enrol", await enrolment(t, secret, "x"));
      expect(answer.status).toBe(401);
      texts.add(`${answer.json.error.code} ${answer.json.error.message}`);
    }
    expect(texts.size).toBe(1);
    const sixth = await t.send("POST", "/enrol", await enrolment(t, unknown, "x"));
    expect(sixth.status).toBe(429);
    expect(Number(sixth.headers.get("retry-after"))).toBeGreaterThan(0);
    // Another address is not held back, and neither is this one after a minute.
    expect((await t.send("POST", "/enrol", await enrolment(t, unknown, "x", "10.9.9.9"))).status).toBe(401);
    await t.clock.advance(60_000);
    expect((await t.send("POST", "/enrol", await enrolment(t, unknown, "x"))).status).toBe(401);
  });

  test("T02 10,000 random tokens hit nothing", async () => {
    const t = createTestApi();
    await secretOf(t, { uses: 100 });
    const template = await enrolment(t, randomBytes(32).toString("base64url"));
    const statuses = new Map<number, number>();
    for (let n = 0; n < 10_000; n += 1) {
      const body = { ...template.body, token: randomBytes(32).toString("base64url") };
      const { status } = await t.send("POST", "/enrol", { body, ip: "10.0.0.66" });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(statuses.get(201)).toBeUndefined();
    expect(statuses.get(429)).toBeGreaterThan(0);
  });

  test("only the digest of a token is kept", async () => {
    const t = createTestApi();
    const secret = await secretOf(t);
    const rows = JSON.stringify(t.store.enrolment.tokens.all());
    expect(rows).not.toContain(secret);
    expect(rows).toContain(createHash("sha256").update(secret).digest("hex"));
    const list = await t.send("GET", "/api/v1/tokens", { principal: ADMIN });
    expect(list.text).not.toContain(secret);
  });

  test("a token lives at most a day", async () => {
    const t = createTestApi();
    const answer = await t.send("POST", "/api/v1/tokens", { principal: ADMIN, body: { ttlSeconds: 86_401 } });
    expect(answer.status).toBe(400);
  });
});

describe("a node that wants to join", () => {
  test("T03 gets nothing and changes nothing until somebody lets it in", async () => {
    const t = createTestApi();
    const node = createTestNode(t);
    expect(await node.join(await joinString(t))).toMatchObject({ state: "pending", node: node.id });
    const { client } = node.connect();
    await client.synchronize();
    const before = JSON.stringify([t.store.nodes.all(), t.store.enrolment.nodes.all(), kinds(t)]);
    const heartbeat = sampleHeartbeat(t.clock.now());
    for (const [path, body] of [
      ["/api/v1/link/connect", { session: null, version: "1" }],
      ["/api/v1/link", {}],
      ["/api/v1/link/rotate", {}],
      ["/api/v1/heartbeat", heartbeat],
      ["/api/v1/reports", {}],
    ] as const)
      expect(await client.post(path, body, 1000)).toMatchObject({ status: 403, code: "node.pending" });
    expect(JSON.stringify([t.store.nodes.all(), t.store.enrolment.nodes.all(), kinds(t)])).toBe(before);
    // It is no part of the fleet, and is listed when it is asked for.
    expect((await t.send("GET", "/api/v1/nodes", { principal: ADMIN })).json.items).toEqual([]);
    const waiting = await t.send("GET", "/api/v1/nodes?state=pending", { principal: ADMIN });
    expect(waiting.json.items.map((one) => one.id)).toEqual([node.id]);
  });

  test("shows the same words as the Monitor, and is in after approval", async () => {
    const t = createTestApi();
    const node = createTestNode(t);
    const { words } = await node.join(await joinString(t));
    expect(words.split(" ")).toHaveLength(8);
    const identity = await t.send("GET", `/api/v1/nodes/${node.id}/identity`, { principal: ADMIN });
    expect(identity.json).toMatchObject({ words, state: "pending", name: "web-1", ip: "10.0.0.7" });
    expect((await act(t, `${node.id}/approve`, {})).status).toBe(200);
    const { uplink } = node.connect();
    uplink.start();
    await t.clock.advance(0);
    expect(uplink.status().state).toBe("online");
    uplink.stop();
    expect(kinds(t)).toContain("node.approved");
  });

  test("is let in at once by a token that says so, with the name, labels and group it gives", async () => {
    const t = createTestApi();
    const node = createTestNode(t);
    const token = await joinString(t, {
      autoApprove: true,
      name: "edge-7",
      labels: { site: "fra" },
      group: "edge",
    });
    expect((await node.join(token, "localhost")).state).toBe("active");
    expect(t.monitor.nodes.item(node.id)).toMatchObject({ name: "edge-7", state: "unheard" });
    expect(t.store.enrolment.nodes.get(node.id)).toMatchObject({ labels: { site: "fra" }, group: "edge" });
  });

  test("T04 can't take the name of another, whose rows stay as they are; its token is not spent", async () => {
    const t = createTestApi();
    const a = createTestNode(t);
    await a.join(await joinString(t, { autoApprove: true }));
    const before = JSON.stringify([t.store.nodes.all(), t.store.enrolment.nodes.all()]);
    const b = createTestNode(t);
    const token = await joinString(t);
    expect(b.join(token, "WEB-1")).rejects.toMatchObject({ code: "enrol.name_taken" });
    await t.clock.advance(0);
    expect(JSON.stringify([t.store.nodes.all(), t.store.enrolment.nodes.all()])).toBe(before);
    expect((await b.join(token, "web-2")).state).toBe("pending");
  });

  test("T05 T08 once revoked, neither its id nor its key comes back, also not after a restart of its own", async () => {
    const t = createTestApi();
    const a = createTestNode(t);
    await a.join(await joinString(t, { autoApprove: true }));
    const { uplink } = a.connect();
    uplink.start();
    await t.clock.advance(0);
    expect(uplink.status().state).toBe("online");
    expect((await act(t, `${a.id}/revoke`, { reason: "stolen" })).status).toBe(200);
    await t.clock.advance(0);
    expect(uplink.status().state).toBe("revoked");
    uplink.stop();
    for (const epoch of [1, 2]) {
      const { client } = createTestNode(t, { keys: a.keys, epoch }).connect();
      await client.synchronize();
      for (const path of ["/api/v1/link/connect", "/api/v1/link/rotate", "/api/v1/reports"])
        expect(await client.post(path, {}, 1000)).toMatchObject({ status: 403, code: "node.revoked" });
    }
    expect(a.join(await joinString(t))).rejects.toMatchObject({ code: "enrol.revoked" });
    await t.clock.advance(0);
    // Another machine may have the name, and gets an id of its own without the history.
    const b = createTestNode(t);
    const { node } = await b.join(await joinString(t, { autoApprove: true }));
    expect(node).not.toBe(a.id);
    expect(t.monitor.nodes.detail(node)).toMatchObject({ name: "web-1", latest: [] });
    // Nor does anybody get a recovery token for it.
    const recovery = await t.send("POST", "/api/v1/tokens", { principal: ADMIN, body: { node: a.id } });
    expect(recovery.status).toBe(400);
  });

  test("T12 a flood of them fills nothing: rows stay below the cap, and old ones are forgotten", async () => {
    const t = createTestApi({ limits: { maxPending: 20 } });
    const secret = await secretOf(t, { uses: 1000, ttlSeconds: 3600 });
    const statuses = new Map<number, number>();
    for (let n = 0; n < 100; n += 1) {
      const { status } = await t.send("POST", "/enrol", await enrolment(t, secret, `flood-${n}`));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(statuses).toEqual(
      new Map([
        [201, 20],
        [503, 80],
      ]),
    );
    expect(t.store.nodes.all()).toHaveLength(20);
    t.clock.jump(8 * 86_400_000);
    t.enrol.tidy();
    expect(t.store.nodes.all()).toEqual([]);
    expect(t.store.enrolment.nodes.all()).toEqual([]);
    expect(kinds(t)).toContain("node.expired");
  });

  test("is gone when it is rejected, and may ask again with another token", async () => {
    const t = createTestApi();
    const node = createTestNode(t);
    await node.join(await joinString(t));
    expect((await act(t, `${node.id}/reject`)).status).toBe(200);
    const { client } = node.connect();
    await client.synchronize();
    expect(await client.post("/api/v1/link/connect", {}, 1000)).toMatchObject({ status: 401 });
    expect(t.store.nodes.all()).toEqual([]);
    expect((await node.join(await joinString(t))).state).toBe("pending");
  });

  test("that lost its key comes back under its id with a token for it alone; the old key is dead", async () => {
    const t = createTestApi();
    const old = createTestNode(t);
    await old.join(await joinString(t, { autoApprove: true }));
    const fresh = createTestNode(t);
    const token = await joinString(t, { node: old.id });
    expect(await fresh.join(token)).toMatchObject({ node: old.id, state: "pending" });
    expect(fresh.identity.nodeId).toBe(old.id);
    const open = t.store.problems.find({ node: old.id, state: ["open"], limit: 10 }).items;
    expect(open.map(({ body }) => [body.type, body.level])).toEqual([["identity.recovered", "L3"]]);
    await act(t, `${old.id}/approve`, {});
    expect(t.store.problems.find({ node: old.id, state: ["open"], limit: 10 }).items).toEqual([]);
    const { client } = fresh.connect();
    await client.synchronize();
    expect((await client.post("/api/v1/link/connect", { session: null, version: "1" }, 1000)).status).toBe(
      200,
    );
    const stale = old.connect();
    await stale.client.synchronize();
    expect(await stale.client.post("/api/v1/link/connect", {}, 1000)).toMatchObject({ code: "node.revoked" });
    expect(
      (await t.send("GET", `/api/v1/nodes/${old.id}/identity`, { principal: ADMIN })).json,
    ).toMatchObject({
      recoveries: 1,
    });
  });
});

test("the node inside the Monitor can't be sent away", async () => {
  const t = createTestApi();
  const local = "n_llllllllllllllllllllllllll";
  await t.connect(local).tell({ type: "heartbeat", body: sampleHeartbeat(t.clock.now()) });
  await t.clock.advance(0);
  expect(await act(t, `${local}/revoke`, { reason: "x" })).toMatchObject({
    status: 409,
    json: { error: { code: "enrol.local_node" } },
  });
});
