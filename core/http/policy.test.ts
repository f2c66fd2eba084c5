import { expect, test } from "bun:test";
import { createTestApi, NODE_A, type TestApi } from "../testing/test-api.ts";
import { sampleIntent, sampleInventory, sampleProblem, sampleRepair } from "../testing/wire-samples.ts";

const ALLOW = { version: 1, rules: [{ id: "web", when: { group: "web" }, verdict: "allow" }] };
const EFFECTS = [{ kind: "service" as const, verb: "restart" as const, name: "nginx.service" }];

/** A node of the group `web` whose restart a person decided about. */
async function decided(verdict: "approve" | "reject"): Promise<{ api: TestApi; admin: string; id: string }> {
  const api = createTestApi();
  const now = api.clock.now();
  const problem = sampleProblem(now);
  const link = api.connect(NODE_A);
  const repair = sampleRepair({ class: "R2", remedies: [problem.type] });
  const intent = {
    ...sampleIntent(now),
    state: "proposed" as const,
    level: "L2" as const,
    class: "R2" as const,
    problemId: problem.id,
    target: problem.target,
    repair: repair.id,
    repairVersion: repair.version,
    hash: "ab".repeat(32),
    plan: { summary: "restart", changes: [], effects: EFFECTS },
    expiresAt: new Date(now + 3_600_000).toISOString(),
  };
  await link.tell(
    { type: "inventory", body: sampleInventory({ group: "web", repairs: [repair] }) },
    { type: "problem", body: problem },
    { type: "intent", body: intent },
  );
  const { id } = api.store.decisions.ofIntent(NODE_A, intent.id)!;
  const admin = await api.createKey("admin");
  const answer = await api.send("POST", `/api/v1/decisions/${id}/verdict`, { key: admin, body: { verdict } });
  expect(answer.status).toBe(200);
  const state = verdict === "approve" ? ("verified" as const) : ("rejected" as const);
  await link.tell({ type: "intent", body: { ...intent, state } });
  return { api, admin, id };
}

const tried = (api: TestApi, key: string, body: object) =>
  api.send("POST", "/api/v1/policy/test", { key, body });

test("a policy that would have allowed what a person rejected is told so, with the decision", async () => {
  const { api, admin, id } = await decided("reject");
  const { status, json } = await tried(api, admin, { document: ALLOW });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    summary: { cases: 1, ok: false, findings: { rejected: 1 } },
    cases: [{ id, would: "allow", rule: "web", was: "rejected", finding: "rejected" }],
  });
  expect((await api.send("GET", "/api/v1/policy", { key: admin })).json.version).toBe(0);
});

test("one that agrees with people is fine, and what is older than asked for does not count", async () => {
  const { api, admin } = await decided("approve");
  const agrees = await tried(api, admin, { document: ALLOW });
  expect(agrees.json).toMatchObject({ summary: { cases: 1, spared: 1, ok: true, would: { allow: 1 } } });
  await api.clock.advance(60_000);
  const since = new Date(api.clock.now()).toISOString();
  expect((await tried(api, admin, { document: ALLOW, since })).json).toMatchObject({ summary: { cases: 0 } });
});

test("a policy as YAML is refused with line and column", async () => {
  const { api, admin } = await decided("approve");
  const text = "version: 1\nrules:\n  - id: web\n    when: { group: web }\n    verdict: perhaps\n";
  const { status, json } = await tried(api, admin, { text });
  expect(status).toBe(400);
  expect(json.error.message).toContain("policy:5:5 rules[0].verdict");
});

test("trying is for whoever sees the whole tree", async () => {
  const { api } = await decided("approve");
  const part = await api.createKey("admin", undefined, [{ role: "admin", scope: "group:web" }]);
  expect((await tried(api, part, { document: ALLOW })).status).toBe(403);
  const viewer = await api.createKey("viewer");
  expect((await tried(api, viewer, { document: ALLOW })).status).toBe(200);
});

test("T32 an operator and one who did not just prove who they are can't loosen the policy; who can is in the audit chain", async () => {
  const { api } = await decided("approve");
  const save = (call: object) =>
    api.send("POST", "/api/v1/policy", { ...call, body: { document: ALLOW, basedOn: 0, note: "why" } });
  const operator = await api.createKey("operator");
  expect((await save({ key: operator })).status).toBe(403);
  const cookie = await api.setUp();
  await api.clock.advance(6 * 60_000);
  expect(await save({ cookie })).toMatchObject({
    status: 403,
    json: { error: { code: "auth.reauthenticate" } },
  });
  expect(api.store.decisions.policy.current()).toBeNull();
  const again = await api.send("POST", "/api/v1/auth/login", {
    body: { name: "anna", password: "a good long pass phrase" },
  });
  const fresh = /__Host-cortex=([^;]+)/.exec(again.headers.get("set-cookie") ?? "")![1]!;
  expect((await save({ cookie: fresh })).status).toBe(200);
  const { items } = (await api.send("GET", "/api/v1/audit?limit=100", { cookie: fresh })).json;
  expect(items.find(({ kind }) => kind === "policy.saved")).toMatchObject({ actor: "user:anna" });
});

test("versions are kept, each with its document, and one can be asked for", async () => {
  const { api, admin } = await decided("approve");
  await api.send("POST", "/api/v1/policy", { key: admin, body: { document: ALLOW, basedOn: 0 } });
  const ask = (version: string) => api.send("GET", `/api/v1/policy/versions/${version}`, { key: admin });
  expect((await ask("0")).json).toMatchObject({ version: 0, document: { rules: [] } });
  expect((await ask("1")).json).toMatchObject({ version: 1, document: { rules: [{ id: "web" }] } });
  expect((await ask("2")).status).toBe(404);
  expect((await ask("x")).status).toBe(400);
});

test("what a person wrote is kept as it was written; what is no policy is refused with its place and changes nothing", async () => {
  const { api, admin } = await decided("approve");
  const text =
    "version: 1\nrules:\n  # Web servers have two of everything.\n  - { id: web, when: { group: web }, verdict: allow }\n";
  const save = (body: object) => api.send("POST", "/api/v1/policy", { key: admin, body });
  const wrong = await save({ text: text.replace("allow", "perhaps"), basedOn: 0 });
  expect(wrong.status).toBe(400);
  expect(wrong.json.error.message).toContain("policy:4:");
  const { json } = await save({ text, basedOn: 0, note: "two of everything" });
  expect(json).toMatchObject({ version: 1, text, document: { rules: [{ id: "web", verdict: "allow" }] } });
  const again = await save({ document: { version: 1, rules: [] }, basedOn: 1 });
  expect(again.json).toMatchObject({ version: 2, document: { rules: [] } });
  expect(again.json.text).toContain("# Web servers have two of everything.");
});

test("a text that is being written is checked as far as it goes, and told what is in force", async () => {
  const { api, admin } = await decided("approve");
  const check = async (text: string) =>
    (await api.send("POST", "/api/v1/policy/check", { key: admin, body: { text } })).json;
  expect(await check("version: 1\nrules: []\n")).toMatchObject({ inForce: 0, rules: 0, problems: [] });
  expect(await check("version: 1\nrules:\n  - id: WEB\n    when: {}\n    verdict: no\n")).toMatchObject({
    rules: null,
    problems: [
      { line: 3, path: "rules[0].id" },
      { line: 5, path: "rules[0].verdict" },
    ],
  });
  expect(await check("version: 1\nrules:\n  - { id: web, when: {}, verdict: allow }\n")).toMatchObject({
    rules: 1,
    problems: [],
    warnings: [{ line: 3, path: "rules[0].when" }],
  });
  expect(await check("rules: [")).toMatchObject({ rules: null, problems: [{ line: 1 }] });
});

test("the past is compared page by page with the policy in force, too", async () => {
  const { api, admin, id } = await decided("approve");
  const page = await tried(api, admin, { document: ALLOW, cursor: "" });
  expect(page.json).toMatchObject({
    changed: 1,
    next: null,
    cases: [{ id, would: "allow", inForce: "human" }],
  });
  await api.send("POST", "/api/v1/policy", { key: admin, body: { document: ALLOW, basedOn: 0 } });
  expect((await tried(api, admin, { document: ALLOW })).json).toMatchObject({
    changed: 0,
    cases: [{ id, would: "allow", inForce: "allow" }],
  });
});
