import { expect, test } from "bun:test";
import type { Grant } from "cortex";
import { createTestApi, NODE_A } from "../testing/test-api.ts";
import {
  sampleIntent,
  sampleInventory,
  sampleProblem,
  sampleRepair,
  sampleReport,
} from "../testing/wire-samples.ts";
import type { Command } from "../wire/command.ts";

/** A node whose repair waits for a decision. */
async function waiting(repairClass: "R2" | "R3" = "R2") {
  const api = createTestApi();
  const now = api.clock.now();
  const problem = sampleProblem(now);
  const heard: Command[] = [];
  const link = api.connect(NODE_A, (command) => {
    heard.push(command);
    return { ok: true };
  });
  const repair = sampleRepair({ class: repairClass, remedies: [problem.type] });
  const intent = {
    ...sampleIntent(now),
    state: "proposed" as const,
    level: "L2" as const,
    class: repairClass,
    problemId: problem.id,
    target: problem.target,
    repair: repair.id,
    repairVersion: repair.version,
    hash: "ab".repeat(32),
    plan: {
      summary: "restart nginx.service",
      changes: [{ what: "unit nginx.service", from: "failed", to: "active" }],
      effects: [{ kind: "service" as const, verb: "restart" as const, name: "nginx.service" }],
    },
    expiresAt: new Date(now + 3_600_000).toISOString(),
  };
  await link.tell(
    { type: "inventory", body: sampleInventory({ group: "web", repairs: [repair] }) },
    { type: "problem", body: problem },
    { type: "report", body: sampleReport(now) },
    { type: "intent", body: intent },
  );
  const { id } = api.store.decisions.ofIntent(NODE_A, intent.id)!;
  const key = (...grants: Grant[]) => api.createKey("admin", undefined, grants);
  const verdict = (credential: { key?: string; cookie?: string }, body: unknown) =>
    api.send("POST", `/api/v1/decisions/${id}/verdict`, { ...credential, body });
  return { api, id, key, heard, verdict };
}

test("a decision is listed with its proposal, its plan and everything that was said", async () => {
  const { api, id, key } = await waiting();
  const viewer = await key({ role: "viewer", scope: "*" });
  const { json } = await api.send("GET", "/api/v1/decisions?state=pending", { key: viewer });
  expect(json.items).toMatchObject([
    { id, state: "pending", node: NODE_A, risk: expect.any(String), plan: { changes: expect.any(Array) } },
  ]);
  expect(json.next).toBeNull();
});

test("an operator's key decides a restart; the second verdict is a conflict and changes nothing", async () => {
  const { api, id, key, heard, verdict } = await waiting();
  const operator = await key({ role: "operator", scope: "group:web" });
  expect(await verdict({ key: operator }, { verdict: "approve", reason: "go" })).toMatchObject({
    status: 200,
  });
  const again = await verdict({ key: operator }, { verdict: "reject" });
  expect(again).toMatchObject({ status: 409, json: { error: { code: "decision.already" } } });
  expect(api.store.decisions.get(id)?.state).toBe("approved");
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard.filter(({ type }) => type === "decision")).toMatchObject([{ verdict: "approve" }]);
});

test("a viewer gets 403, another part of the tree 404, and nothing changes", async () => {
  const { api, id, key, verdict } = await waiting();
  const viewer = await key({ role: "viewer", scope: "*" });
  expect((await verdict({ key: viewer }, { verdict: "approve" })).status).toBe(403);
  const elsewhere = await key({ role: "operator", scope: "group:db" });
  expect((await verdict({ key: elsewhere }, { verdict: "approve" })).status).toBe(404);
  expect(api.store.decisions.get(id)?.state).toBe("pending");
});

test("host level: a key is refused, a person who logged in just now decides, one from an hour ago must prove it again", async () => {
  const { api, key, verdict } = await waiting("R3");
  const admin = await key({ role: "admin", scope: "*" });
  const refused = await verdict({ key: admin }, { verdict: "approve" });
  expect(refused).toMatchObject({ status: 403, json: { error: { code: "decision.person_needed" } } });
  const cookie = await api.setUp();
  await api.clock.advance(6 * 60_000);
  const stale = await verdict({ cookie }, { verdict: "approve" });
  expect(stale).toMatchObject({ status: 403, json: { error: { code: "auth.reauthenticate" } } });
});

test("a verdict that is none, or more than a verdict, is refused", async () => {
  const { key, verdict } = await waiting();
  const operator = await key({ role: "operator", scope: "*" });
  for (const body of [{}, { verdict: "yes" }, { verdict: "approve", kind: "human" }, []])
    expect((await verdict({ key: operator }, body)).status).toBe(400);
});

test("a policy that does not fit is refused with every place, and the one in force stays", async () => {
  const { api } = await waiting();
  const cookie = await api.setUp();
  const save = (document: unknown) =>
    api.send("POST", "/api/v1/policy", { cookie, body: { document, basedOn: 0 } });
  const bad = await save({ version: 1, rules: [{ id: "A", when: {}, verdict: "maybe" }] });
  expect(bad).toMatchObject({ status: 400, json: { error: { code: "policy.invalid" } } });
  expect(bad.json.error.message).toContain("rules[0].verdict");
  const good = { version: 1, rules: [{ id: "web", when: { group: "web" }, verdict: "human" }] };
  expect(await save(good)).toMatchObject({ status: 200, json: { version: 1, author: "user:anna" } });
  expect(await save(good)).toMatchObject({ status: 409, json: { error: { code: "policy.outdated" } } });
});
