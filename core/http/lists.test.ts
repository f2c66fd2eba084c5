import { expect, test } from "bun:test";
import { createTestApi, NODE_A, NODE_B } from "../testing/test-api.ts";
import {
  iso,
  sampleCheck,
  sampleHeartbeat,
  sampleInspection,
  sampleIntent,
  sampleInventory,
  sampleProblem,
  sampleReport,
  sampleResult,
} from "../testing/wire-samples.ts";

async function createFleet() {
  const api = createTestApi();
  const key = await api.createKey("admin");
  const a = api.connect(NODE_A);
  const b = api.connect(NODE_B);
  await a.tell({ type: "inventory", body: sampleInventory({ name: "web-1" }) });
  await b.tell({
    type: "inventory",
    body: sampleInventory({ name: "db-1", group: "db", labels: { site: "rome" } }),
  });
  const get = async (path: string) => (await api.send("GET", `/api/v1/${path}`, { key })).json;
  return { api, key, a, b, get };
}

test("pages of problems join without gap or overlap while new ones arrive", async () => {
  const { api, a, get } = await createFleet();
  const now = api.clock.now();
  const problems = Array.from({ length: 25 }, (_, index) => sampleProblem(now + Math.floor(index / 3)));
  await a.tell(...problems.map((body) => ({ type: "problem", body })));
  const seen: string[] = [];
  let cursor = "";
  for (let pages = 0; pages < 10; pages += 1) {
    const page = await get(`problems?limit=10${cursor}`);
    seen.push(...page.items.map((item) => item.id));
    await a.tell({ type: "problem", body: sampleProblem(now + 10_000 + pages) });
    if (page.next === null) break;
    cursor = `&cursor=${page.next}`;
  }
  expect(seen.toSorted()).toEqual(problems.map((problem) => problem.id).toSorted());
});

test("items carry the node they come from", async () => {
  const { api, b, get } = await createFleet();
  const problem = sampleProblem(api.clock.now());
  await b.tell({ type: "problem", body: problem });
  expect((await get("problems")).items).toEqual([{ ...problem, node: NODE_B, nodeName: "db-1" } as never]);
  expect(await get(`problems/${problem.id}`)).toMatchObject({ id: problem.id, nodeName: "db-1" });
});

test("what a revoked node had is listed only where that node is asked for", async () => {
  const { api, get } = await createFleet();
  api.monitor.nodes.enrolled(NODE_B, "db-1", "revoked");
  const nodesIn = async (query: string) => [
    ...new Set((await get(`checks${query}`)).items.map(({ node }) => node)),
  ];
  expect(await nodesIn("")).toEqual([NODE_A]);
  expect(await nodesIn(`?node=${NODE_B}`)).toEqual([NODE_B]);
});

test("one number says how many problems are open: on the node, of the fleet and in the list, observed ones included", async () => {
  const { api, a, get } = await createFleet();
  for (const severity of ["observe", "info", "warning", "critical", "critical"] as const)
    await a.tell({ type: "problem", body: sampleProblem(api.clock.now(), { severity }) });
  const { items } = await get("problems?state=open");
  const { openProblems, problems } = api.monitor.nodes.item(NODE_A)!;
  const bySeverity = { observe: 1, info: 1, warning: 1, critical: 2 };
  expect([items.length, openProblems, problems]).toEqual([5, 5, bySeverity]);
  expect(api.monitor.status().openProblems).toEqual(bySeverity);
});

test("problems of a revoked node are neither listed nor counted, but where that node is asked for", async () => {
  const { api, b, get } = await createFleet();
  await b.tell({ type: "problem", body: sampleProblem(api.clock.now()) });
  api.monitor.nodes.enrolled(NODE_B, "db-1", "revoked");
  expect((await get("problems")).items).toEqual([]);
  expect(api.monitor.status().openProblems.critical).toBe(0);
  expect((await get(`problems?node=${NODE_B}`)).items).toHaveLength(1);
});

test("problems are filtered by state, level, severity, node, target and text", async () => {
  const { api, a, b, get } = await createFleet();
  const now = api.clock.now();
  await a.tell({
    type: "problem",
    body: sampleProblem(now, { summary: "100% of /var is used", target: "/var" }),
  });
  await b.tell({ type: "problem", body: sampleProblem(now, { level: "L3", severity: "warning" }) });
  await b.tell({
    type: "problem",
    body: sampleProblem(now, { state: "resolved", level: "L2", resolvedAt: iso(now), severity: "info" }),
  });
  const count = async (query: string) => (await get(`problems?${query}`)).items.length;
  expect(await count("state=open")).toBe(2);
  expect(await count("state=open,resolved")).toBe(3);
  expect(await count("state=open&state=resolved")).toBe(3);
  expect(await count("level=L3")).toBe(1);
  expect(await count("severity=warning,info")).toBe(2);
  expect(await count(`node=${NODE_A}`)).toBe(1);
  expect(await count("target=/var")).toBe(1);
  expect(await count("text=100%25")).toBe(1);
  expect(await count("text=%25")).toBe(1);
  expect(await count("text=NGINX")).toBe(2);
  const { check } = sampleProblem(now);
  expect(await count(`text=${check.toUpperCase()}`)).toBe(3);
  expect(await count("text=' OR 1=1 --")).toBe(0);
});

test("the Monitor counts the open problems that wait for a person", async () => {
  const { api, a, b } = await createFleet();
  const now = api.clock.now();
  const person = sampleProblem(now, { level: "L3", severity: "critical" });
  const holding = (hold: string, more: Partial<typeof person> = {}) =>
    sampleProblem(now, {
      level: "L3",
      severity: "warning",
      guards: { ...person.guards, hold, holdText: "" },
      ...more,
    });
  const bodies = [
    person,
    holding("no_repair"),
    holding("cooldown"),
    holding("no_repair", { becauseOf: person.id }),
    holding("no_repair", { severity: "observe" }),
    holding("no_repair", { level: "L1" }),
    // With repairs off nobody else does it.
    holding("switch_off", { level: "L1" }),
    holding("no_repair", { state: "resolved", resolvedAt: iso(now) }),
  ];
  await a.tell(...bodies.map((body) => ({ type: "problem" as const, body })));
  await b.tell({ type: "problem", body: holding("healed_too_often") });
  expect(api.monitor.status().waiting).toBe(4);
  await a.tell({ type: "problem", body: { ...person, state: "resolved", resolvedAt: iso(now) } });
  expect(api.monitor.status().waiting).toBe(3);
});

test("intents are filtered by each of their fields and counted", async () => {
  const { api, a, get } = await createFleet();
  const now = api.clock.now();
  const intent = sampleIntent(now, { state: "verified" });
  const note = sampleIntent(now - 5000, {
    kind: "note",
    state: "verified",
    level: "L2",
    repair: null,
    target: null,
    category: "deploy",
    summary: "release 42",
    text: "Rolled out by hand.",
  });
  await a.tell({ type: "intent", body: intent }, { type: "intent", body: note });
  const ids = async (query: string) => (await get(`intents?${query}`)).items.map((item) => item.id);
  expect(await ids("")).toEqual([intent.id, note.id]);
  expect(await ids("kind=note")).toEqual([note.id]);
  expect(await ids("kind=note,repair&level=L1")).toEqual([intent.id]);
  expect(await ids("category=deploy")).toEqual([note.id]);
  expect(await ids("repair=restart_unit")).toEqual([intent.id]);
  expect(await ids("target=nginx.service")).toEqual([intent.id]);
  expect(await ids("text=BY HAND")).toEqual([note.id]);
  expect(await ids("text=NGINX.service")).toEqual([intent.id]);
  expect(await ids(`since=${iso(now - 1000)}`)).toEqual([intent.id]);
  expect(await ids(`until=${iso(now - 1000)}`)).toEqual([note.id]);
  expect(await ids("state=failed")).toEqual([]);
  for (const id of [note.id, note.id.slice(-8), note.id.slice(0, 23)])
    expect(await ids(`id=${id}`)).toContain(note.id);
  expect(await ids(`id=${note.id.slice(-8)}`)).toEqual([note.id]);
  expect(await ids(`id=${note.id.slice(1, -1)}`)).toEqual([]);
  expect(await ids("id=%25")).toEqual([]);
  expect((await get("intents/statistics")).items).toEqual([
    { kind: "note", level: "L2", state: "verified", count: 1 },
    { kind: "repair", level: "L1", state: "verified", count: 1 },
  ] as never);
});

test("nodes are found by name, label, group and state, in order of name", async () => {
  const { api, a, get } = await createFleet();
  await a.tell({ type: "problem", body: sampleProblem(api.clock.now()) });
  const names = async (query: string) => (await get(`nodes?${query}`)).items.map((item) => item.name);
  expect(await names("")).toEqual(["db-1", "web-1"]);
  expect(await names("state=degraded")).toEqual(["web-1"]);
  expect(await names("group=db")).toEqual(["db-1"]);
  expect(await names("text=site%3Drome")).toEqual(["db-1"]);
  const first = await get("nodes?limit=1");
  expect(first.items.map((item) => item.name)).toEqual(["db-1"]);
  expect(await names(`limit=1&cursor=${first.next}`)).toEqual(["web-1"]);
});

test("a node's page has its newest results, and its history comes by series", async () => {
  const { api, a, key, get } = await createFleet();
  const now = api.clock.now();
  for (const [index, used] of [0.5, 0.6, 0.7].entries()) {
    const at = now + index * 15_000;
    await a.tell({
      type: "report",
      body: sampleReport(at, [sampleResult(at, { metrics: { "fs.used_ratio": used } })]),
    });
  }
  expect(await get(`nodes/${NODE_A}`)).toMatchObject({
    metrics: { diskRatio: 0.7 },
    latest: [{ target: "/var" }],
  });
  const range = `from=${iso(now - 60_000)}&to=${iso(now + 60_000)}`;
  const series = encodeURIComponent("fs_space:*");
  const history = await api.send(
    "GET",
    `/api/v1/nodes/${NODE_A}/metrics?${range}&series=${series}&resolution=raw`,
    { key },
  );
  expect(history.json).toMatchObject({
    names: ["fs_space:/var:fs.used_ratio"],
    series: [{ series: "fs_space:/var:fs.used_ratio" }],
  });
  const [found] = history.json.series as { points: [number, number | null][] }[];
  expect(found!.points.map((point) => point[1]).filter((value) => value !== null)).toEqual([0.5, 0.6, 0.7]);
  const reversed = `from=${iso(now)}&to=${iso(now - 1)}`;
  expect((await api.send("GET", `/api/v1/nodes/${NODE_A}/metrics?${reversed}`, { key })).status).toBe(400);
});

test("a list that did not change is not sent again", async () => {
  const { api, key, a } = await createFleet();
  const first = await api.send("GET", "/api/v1/problems", { key });
  const headers = { "if-none-match": first.headers.get("etag")! };
  const second = await api.send("GET", "/api/v1/problems", { key, headers });
  expect([second.status, second.text]).toEqual([304, ""]);
  await a.tell({ type: "problem", body: sampleProblem(api.clock.now()) });
  expect((await api.send("GET", "/api/v1/problems", { key, headers })).status).toBe(200);
});

test("limits and cursors that make no sense are refused or empty, never the first page again", async () => {
  const { api, key, a, get } = await createFleet();
  await a.tell({ type: "problem", body: sampleProblem(api.clock.now()) });
  for (const limit of ["0", "501", "-1", "many", "1e9", "1.5"])
    expect((await api.send("GET", `/api/v1/problems?limit=${limit}`, { key })).status).toBe(400);
  for (const list of ["problems", "intents", "inspections", "checks"])
    expect((await get(`${list}?cursor=bm9uc2Vuc2U`)).items).toEqual([]);
});

test("commands go to the node by name and typed parameters, with who asked", async () => {
  const { api, key, a, b } = await createFleet();
  await a.tell({
    type: "inventory",
    body: sampleInventory({
      checks: [sampleCheck(), sampleCheck({ id: "http/shop", name: "http", instance: "shop" })],
    }),
  });
  const post = async (path: string, body: unknown) =>
    (await api.send("POST", `/api/v1/${path}`, { key, body })).status;
  expect(await post("checks/http~shop/run", { node: "*" })).toBe(202);
  expect(await post("checks/http/run", { node: "*" })).toBe(202);
  expect(await post("checks/fs_space/pause", { node: NODE_B })).toBe(200);
  expect(await post("checks/no_such/run", { node: "*" })).toBe(404);
  expect(await post("inspections", {})).toBe(400);
  expect(await post("inspections", { node: NODE_A })).toBe(202);
  expect(await post("inspections", { node: `n_${"c".repeat(26)}` })).toBe(404);
  const actor = "key:admin-key";
  expect(a.commands).toEqual([
    { type: "inspect", check: "http/shop", actor },
    { type: "inspect", check: "http/shop", actor },
    { type: "inspect", check: null, actor },
  ]);
  expect(b.commands).toEqual([{ type: "check.pause", check: "fs_space", until: null, actor }]);
});

test("the master switch reaches every node and says who did not follow", async () => {
  const { api, key, a, get } = await createFleet();
  await a.tell({ type: "heartbeat", body: sampleHeartbeat(api.clock.now(), { repairs: false }) });
  expect(await get("settings")).toMatchObject({
    repairs: false,
    nodesOff: [{ nodeName: "web-1" }],
    autonomy: "act",
  });
  api.connect(NODE_B, () => ({ ok: false, code: "node.busy", kind: "conflict", message: "not now" }));
  const answer = await api.send("POST", "/api/v1/settings/switch", {
    key,
    body: { repairs: true, reason: "over", node: "*" },
  });
  expect(answer.json).toMatchObject({
    nodes: [
      { nodeName: "web-1", ok: true },
      { nodeName: "db-1", ok: false, message: "not now" },
    ],
  });
  const one = await api.send("POST", "/api/v1/settings/switch", {
    key,
    body: { repairs: true, reason: "over", node: NODE_B },
  });
  expect([one.status, one.json.error.code]).toEqual([409, "node.busy"]);
});

test("entries are written by the node they are about", async () => {
  const { api, key, b } = await createFleet();
  const body = {
    node: NODE_B,
    kind: "blocker",
    level: "L2",
    summary: "disk is on its way",
    category: "hardware",
  };
  const answer = await api.send("POST", "/api/v1/intents", { key, body });
  expect(answer.status).toBe(201);
  expect(b.commands).toMatchObject([
    { type: "entry.add", id: answer.json.id, kind: "blocker", text: "", category: "hardware" },
  ]);
});

test("T88 verification names the first broken link of any chain", async () => {
  const { api, key } = await createFleet();
  const fault = { origin: NODE_B, seq: 7, reason: "payload was changed" };
  api.connect(NODE_A, () => ({ ok: true, data: { ok: true, entries: 5, firstBroken: null } }));
  api.connect(NODE_B, () => ({ ok: true, data: { ok: false, entries: 9, firstBroken: fault } }));
  const all = await api.send("GET", "/api/v1/intents/verify", { key });
  expect(all.json).toMatchObject({ ok: false, firstBroken: fault });
  const one = await api.send("GET", `/api/v1/intents/verify?node=${NODE_A}`, { key });
  expect(one.json).toMatchObject({ ok: true, entries: 5, firstBroken: null });
});

test("T88 verification says of each chain by itself whether it holds, up to which signed head, and which it could not ask", async () => {
  const { api, a, get } = await createFleet();
  const at = iso(api.clock.now());
  const head = { origin: NODE_A, size: 5, head: "a".repeat(64), at, signature: "s" };
  await a.tell({ type: "checkpoint", body: head });
  api.connect(NODE_A, (command) =>
    command.type === "ledger.verify"
      ? { ok: true, data: { ok: true, entries: 6, firstBroken: null } }
      : { ok: true, data: { entries: [{ seq: 5, hash: head.head }] } },
  );
  const reason = "payload was changed";
  const fault = { origin: NODE_B, seq: 7, reason };
  const b = api.connect(NODE_B, () => ({ ok: true, data: { ok: false, entries: 9, firstBroken: fault } }));
  const audit = { kind: "audit", node: null, nodeName: null, state: "holds", broken: null };
  const web = { kind: "ledger", node: NODE_A, nodeName: "web-1" };
  const db = { kind: "ledger", node: NODE_B, nodeName: "db-1", checkpoint: null };
  const found = await get("intents/verify");
  expect(found.chains).toMatchObject([
    audit,
    { ...db, state: "broken", entries: 9, broken: fault },
    { ...web, state: "holds", entries: 6, checkpoint: { size: 5, head: head.head, at }, broken: null },
  ]);
  const own = api.monitor.store.ledger.head()?.size ?? 0;
  expect(found.entries).toBe(15 + own);

  api.connect(NODE_A, () => ({ ok: false, code: "node.busy", kind: "unavailable", message: "not now" }));
  b.uplink.close();
  const rest = await get("intents/verify");
  expect(rest).toMatchObject({ ok: true, firstBroken: null });
  expect(rest.chains).toMatchObject([
    audit,
    { ...db, state: "unverified", entries: null, reason: "is not connected" },
    { ...web, state: "unverified", entries: null, reason: "not now", checkpoint: { size: 5 } },
  ]);
});

test("nodes that do not answer a verification are named, and cost the time of one", async () => {
  const { api, key } = await createFleet();
  for (const node of [NODE_A, NODE_B]) api.connect(node, () => new Promise(() => {}) as never);
  const asked = api.send("GET", "/api/v1/intents/verify", { key });
  await api.clock.advance(30_000);
  const found = (await asked).json;
  expect(found.ok).toBe(true);
  const away = { state: "unverified", reason: expect.stringContaining("did not answer within 30 s") };
  expect(found.chains).toMatchObject([{ state: "holds" }, away, away]);
});

test("T88 T89 a node that rewrote or cut its chain is betrayed by the head it signed before", async () => {
  const { api, key, a } = await createFleet();
  const at = iso(api.clock.now());
  const head = { origin: NODE_A, size: 5, head: "a".repeat(64), at, signature: "s" };
  await a.tell({ type: "checkpoint", body: head });
  const verify = async (entries: number, hash: string) => {
    api.connect(NODE_A, (command) =>
      command.type === "ledger.verify"
        ? { ok: true, data: { ok: true, entries, firstBroken: null } }
        : { ok: true, data: { entries: [{ seq: 5, hash }] } },
    );
    return (await api.send("GET", `/api/v1/intents/verify?node=${NODE_A}`, { key })).json;
  };
  expect(await verify(9, head.head)).toMatchObject({ ok: true, firstBroken: null });
  expect(await verify(9, "b".repeat(64))).toMatchObject({
    ok: false,
    firstBroken: { origin: NODE_A, seq: 5 },
  });
  expect(await verify(3, head.head)).toMatchObject({ ok: false, firstBroken: { origin: NODE_A, seq: 4 } });
});

test("runs of checks are listed with duration and outcome", async () => {
  const { api, a, get } = await createFleet();
  const now = api.clock.now();
  const started = sampleInspection(now, {
    state: "running",
    status: null,
    durationSeconds: null,
    trigger: "manual",
  });
  await a.tell({ type: "inspection", body: started });
  await a.tell({
    type: "inspection",
    body: { ...started, state: "done", status: "critical", durationSeconds: 0.5 },
  });
  await a.tell({ type: "inspection", body: started });
  const { items } = await get("inspections?check=fs_space");
  expect(items).toMatchObject([{ id: started.id, state: "done", status: "critical", durationSeconds: 0.5 }]);
});

test("a node reports over HTTP for itself and no other, once per key", async () => {
  const api = createTestApi();
  const key = await api.createKey("node", NODE_A);
  const now = api.clock.now();
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    api.send("POST", `/api/v1/${path}`, { key, body, headers });
  expect((await post("heartbeat", sampleHeartbeat(now))).json).toMatchObject({ outcome: "stored" });
  const once = { "idempotency-key": "report-1" };
  expect((await post("reports", sampleReport(now), once)).json).toMatchObject({ outcome: "stored" });
  expect((await post("reports", sampleReport(now), once)).json).toMatchObject({ outcome: "duplicate" });
  const envelope = {
    v: 1,
    type: "report",
    id: crypto.randomUUID(),
    node: NODE_A,
    epoch: 1,
    seq: 1,
    at: iso(now),
    body: sampleReport(now),
  };
  expect((await post("reports", envelope)).json).toMatchObject({ outcome: "stored" });
  expect((await post("reports", envelope)).json).toMatchObject({ outcome: "duplicate" });
  expect((await post("reports", { ...envelope, node: NODE_B, seq: 2 })).status).toBe(403);
  expect((await post("heartbeat", { ...envelope, seq: 3 })).status).toBe(400);
  expect((await post("reports", { ...sampleReport(now), surprise: 1 })).status).toBe(400);
  expect((await post("reports", sampleReport(now), { "idempotency-key": "two words" })).status).toBe(400);
  expect(api.monitor.nodes.ids()).toEqual([NODE_A]);
});

test("hostile text is stored and shown as text", async () => {
  const { api, a, get } = await createFleet();
  const nasty = [
    "<script>alert(1)</script>",
    "'; DROP TABLE problems; --",
    "\u202Egpj.exe",
    "\u0000\u001b[31m",
    "%s%n",
    "{{7*7}}",
    "__proto__",
  ];
  const problems = nasty.map((text) =>
    sampleProblem(api.clock.now(), { summary: text, target: text, labels: { [text]: text } }),
  );
  await a.tell(...problems.map((body) => ({ type: "problem", body })));
  const { items } = await get("problems");
  expect(items.map((item) => item.summary).toSorted()).toEqual(nasty.toSorted());
  for (const text of nasty)
    expect((await get(`problems?target=${encodeURIComponent(text)}`)).items.length).toBe(1);
});

test("figures for Prometheus are well formed", async () => {
  const { api, key, a } = await createFleet();
  await a.tell(
    { type: "problem", body: sampleProblem(api.clock.now()) },
    { type: "intent", body: sampleIntent(api.clock.now()) },
  );
  const { text, headers } = await api.send("GET", "/metrics", { key });
  expect(headers.get("content-type")).toStartWith("text/plain; version=0.0.4");
  expect(text).toContain('cortex_nodes{state="degraded"} 1');
  expect(text).toContain('cortex_problems_open{level="L1",severity="critical"} 1');
  expect(text).toContain('cortex_intents_total{state="executing"} 1');
  for (const line of text.trimEnd().split("\n"))
    expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [\d.e+-]+)$/);
  const typed = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [
    name!.endsWith("_total"),
    type,
  ]);
  for (const [total, type] of typed) expect(type).toBe(total ? "counter" : "gauge");
});
