import { expect, test } from "bun:test";
import { createTestApi, NODE_A } from "../testing/test-api.ts";
import {
  sampleHeartbeat,
  sampleIntent,
  sampleInventory,
  sampleProblem,
  sampleRepair,
} from "../testing/wire-samples.ts";

const EFFECTS = [{ kind: "service" as const, verb: "restart" as const, name: "nginx.service" }];
const HOUR_MS = 3_600_000;

/** A node of the group `web` that proposes the same restart again and again. */
async function restarts() {
  const api = createTestApi();
  const link = api.connect(NODE_A);
  const cookie = await api.setUp();

  /** One problem and its proposal, an hour after the one before. */
  async function propose() {
    await api.clock.advance(HOUR_MS);
    const now = api.clock.now();
    const problem = { ...sampleProblem(now), id: crypto.randomUUID() };
    const repair = sampleRepair({ class: "R2", remedies: [problem.type], undo: true });
    const intent = {
      ...sampleIntent(now),
      id: crypto.randomUUID(),
      state: "proposed" as const,
      level: "L2" as const,
      class: "R2" as const,
      problemId: problem.id,
      target: problem.target,
      repair: repair.id,
      repairVersion: repair.version,
      hash: "ab".repeat(32),
      outcome: [],
      plan: { summary: "restart", changes: [], effects: EFFECTS },
      expiresAt: new Date(now + HOUR_MS).toISOString(),
    };
    await link.tell(
      { type: "inventory", body: sampleInventory({ group: "web", repairs: [repair] }) },
      { type: "heartbeat", body: sampleHeartbeat(now) },
      { type: "problem", body: problem },
      { type: "intent", body: intent },
    );
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const { id } = api.store.decisions.ofIntent(NODE_A, intent.id)!;
    const becomes = (state: "verified" | "failed") =>
      link.tell({ type: "intent", body: { ...intent, state } });
    return { id, becomes, now: () => api.store.decisions.get(id)! };
  }

  /** The same, with an admin who logged in just now. */
  const admin = (method: string, path: string, body?: unknown) =>
    api.send(method, `/api/v1/${path}`, { cookie: session, body });
  let session = cookie;
  const logIn = async () => {
    const answer = await api.send("POST", "/api/v1/auth/login", {
      body: { name: "anna", password: "a good long pass phrase" },
    });
    session = /__Host-cortex=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "")![1]!;
  };
  async function approved(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      const one = await propose();
      await logIn();
      const { status } = await admin("POST", `decisions/${one.id}/verdict`, { verdict: "approve" });
      expect(status).toBe(200);
      await one.becomes("verified");
    }
  }
  const proposals = async () => (await admin("GET", "policy/proposals")).json.items as unknown as Proposal[];
  return { api, propose, admin, approved, proposals, logIn };
}

interface Proposal {
  rule: { id: string; verdict: string };
  cases: string[];
  test: { ok: boolean };
}

test("a rule that people follow is proposed, accepted, used, and asks people again after its first failure", async () => {
  const { propose, admin, approved, proposals, api } = await restarts();
  await approved(4);
  expect(await proposals()).toEqual([]);
  await approved(1);
  const [offer] = await proposals();
  expect(offer).toMatchObject({ rule: { verdict: "allow" }, test: { ok: true } });
  expect(offer!.cases).toHaveLength(5);

  const accepted = await admin("POST", `policy/proposals/${offer!.rule.id}`, { answer: "accept" });
  expect(accepted).toMatchObject({ status: 200, json: { version: 1, author: "user:anna" } });
  expect(await proposals()).toEqual([]);

  const sixth = await propose();
  expect(sixth.now()).toMatchObject({ state: "approved", approvers: [{ kind: "policy" }] });
  await sixth.becomes("failed");
  const { version, author, document } = api.store.decisions.policy.current()!;
  expect({ version, author }).toEqual({ version: 2, author: "cortex" });
  expect(document.rules).toMatchObject([{ id: offer!.rule.id, verdict: "human" }]);
  await sixth.becomes("failed");
  expect(api.store.decisions.policy.current()!.version).toBe(2);

  const seventh = await propose();
  expect(seventh.now().state).toBe("pending");
});

test("a rule that was dismissed is not proposed again, and people go on deciding", async () => {
  const { admin, approved, proposals, propose } = await restarts();
  await approved(5);
  const [offer] = await proposals();
  const path = `policy/proposals/${offer!.rule.id}`;
  expect((await admin("POST", path, { answer: "dismiss" })).status).toBe(200);
  expect(await proposals()).toEqual([]);
  expect(await admin("POST", path, { answer: "accept" })).toMatchObject({ status: 404 });
  expect((await propose()).now().state).toBe("pending");
});

test("T32 only an admin who just proved who they are takes a rule into the policy", async () => {
  const { api, admin, approved, proposals } = await restarts();
  await approved(5);
  const path = `policy/proposals/${(await proposals())[0]!.rule.id}`;
  const operator = await api.createKey("operator");
  const body = { answer: "accept" };
  expect((await api.send("POST", `/api/v1/${path}`, { key: operator, body })).status).toBe(403);
  await api.clock.advance(6 * 60_000);
  expect(await admin("POST", path, body)).toMatchObject({
    status: 403,
    json: { error: { code: "auth.reauthenticate" } },
  });
  expect(api.store.decisions.policy.current()).toBeNull();
});
