import { expect, test } from "bun:test";
import { breakOf, entryHash, GENESIS, type LedgerEntry } from "../domain/ledger.ts";
import { createTestApi, NODE_A } from "../testing/test-api.ts";

/** An admin, a failed login, a new user and a new key, a minute apart. */
async function acts() {
  const api = createTestApi();
  const cookie = await api.setUp();
  const send = async (path: string, body: object) => {
    await api.clock.advance(60_000);
    return (await api.send("POST", path, { cookie, body })).json;
  };
  await api.clock.advance(60_000);
  await api.send("POST", "/api/v1/auth/login", { body: { name: "=EVE()", password: "wrong" } });
  const user = await send("/api/v1/users", {
    name: "bob",
    password: "bobs long pass phrase",
    role: "viewer",
  });
  const key = await send("/api/v1/keys", { name: "ci", role: "viewer" });
  const kinds = async (query: string) =>
    (await api.send("GET", `/api/v1/audit?${query}`, { cookie })).json.items.map(({ kind }) => kind);
  return { api, cookie, user, key, kinds };
}

test("the audit is filtered by actor, kind, time, text and what it was done to", async () => {
  const { api, user, key, kinds } = await acts();
  const all = ["key.created", "user.created", "auth.login_failed", "auth.setup"];
  expect(await kinds("")).toEqual(all);
  expect(await kinds("actor=user:anna")).toEqual(["key.created", "user.created", "auth.setup"]);
  expect(await kinds("kind=auth")).toEqual(["auth.login_failed", "auth.setup"]);
  expect(await kinds("kind=auth.login_failed")).toEqual(["auth.login_failed"]);
  expect(await kinds("kind=aut")).toEqual([]);
  expect(await kinds(`object=${user.id}`)).toEqual(["user.created"]);
  expect(await kinds(`object=${key.id}&kind=key`)).toEqual(["key.created"]);
  expect(await kinds("text=%3DEVE")).toEqual(["auth.login_failed"]);
  expect(await kinds("text=BOB")).toEqual(["user.created"]);
  const at = (secondsAgo: number) => new Date(api.clock.now() - secondsAgo * 1000).toISOString();
  expect(await kinds(`from=${at(60)}`)).toEqual(["key.created", "user.created"]);
  expect(await kinds(`from=${at(120)}&to=${at(60)}`)).toEqual(["user.created", "auth.login_failed"]);
});

test("pages follow each other under a filter, and new entries move none of them", async () => {
  const { api, cookie } = await acts();
  const page = (query: string) => api.send("GET", `/api/v1/audit?kind=auth&limit=1${query}`, { cookie });
  const first = (await page("")).json;
  await api.send("POST", "/api/v1/auth/login", { body: { name: "eve", password: "wrong" } });
  const second = (await page(`&cursor=${first.next}`)).json;
  expect([first, second].map(({ items }) => items[0]!.kind)).toEqual(["auth.login_failed", "auth.setup"]);
  expect(second.next).toBeNull();
});

test("bad filters are refused in words", async () => {
  const { api, cookie } = await acts();
  for (const query of ["kind=%25", "from=yesterday", "limit=0", "format=csv", "cursor=x"])
    expect([query, (await api.send("GET", `/api/v1/audit?${query}`, { cookie })).status]).toEqual([
      query,
      400,
    ]);
});

test("only who may read the audit can, and nobody may export it without an entry about it", async () => {
  const { api, cookie, key, kinds } = await acts();
  for (const path of ["audit", "audit/export", "audit/verify"])
    expect((await api.send("GET", `/api/v1/${path}`, { key: key.secret })).status).toBe(403);
  const before = (await api.send("GET", "/api/v1/audit", { cookie })).json.items.length;
  await api.send("GET", "/api/v1/audit/export?format=csv&kind=auth", { cookie });
  expect((await kinds("")).slice(0, -before)).toContain("audit.exported");
});

test("T35 T97 an export that can't be written down first does not happen", async () => {
  const { api, cookie } = await acts();
  api.store.ledger.append = () => {
    throw new Error("disk is full");
  };
  const answer = await api.send("GET", "/api/v1/audit/export", { cookie });
  expect([answer.status, answer.text.includes("auth.setup")]).toEqual([500, false]);
});

test("T35 what a node is asked for is written down before, and again when it did not come about", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const seen: string[] = [];
  const newest = () => api.store.audit.newest({ limit: 1 })[0]!;
  const node = api.connect(NODE_A, (command) => {
    seen.push(`${command.type} after ${newest().kind}`);
    return command.type === "maintenance.add"
      ? { ok: false, code: "x.refused", kind: "conflict", message: "no" }
      : { ok: true };
  });
  await node.tell({
    type: "heartbeat",
    body: {
      at: new Date(api.clock.now()).toISOString(),
      uptimeSeconds: 1,
      repairs: true,
      openProblems: 0,
      spooled: 0,
      version: "1",
    },
  });
  const post = (path: string, body: object) => api.send("POST", `/api/v1/${path}`, { cookie, body });
  const until = new Date(api.clock.now() + 3_600_000).toISOString();
  const answers = [
    await post("config/reload", {}),
    await post("settings/switch", { repairs: false, reason: "x" }),
    await post("settings/autonomy", { autonomy: "ask", reason: "x" }),
    await post("inspections", {}),
    await post("intents", { kind: "note", summary: "x" }),
    await post("maintenance", { check: "*", target: "*", until, reason: "x" }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 202, 201, 409]);
  expect(seen).toEqual([
    "config.reload after config.reloaded",
    "switch after switch",
    "autonomy.set after autonomy.set",
    "inspect after inspection.asked",
    "entry.add after entry.added",
    "maintenance.add after maintenance.added",
  ]);
  expect(JSON.parse(String(newest().payload))).toMatchObject({
    act: "maintenance.added",
    code: "x.refused",
    node: NODE_A,
  });
});

test("T35 T97 what can't be written down is not asked of a node", async () => {
  const api = createTestApi();
  const cookie = await api.setUp();
  const node = api.connect(NODE_A);
  api.store.ledger.append = () => {
    throw new Error("disk is full");
  };
  for (const [path, body] of [
    ["config/reload", { node: NODE_A }],
    ["settings/switch", { repairs: false, reason: "x" }],
    ["settings/autonomy", { autonomy: "ask", reason: "x" }],
    ["maintenance", { check: "*", target: "*", until: "2030-01-01T00:00:00Z", reason: "x" }],
  ] as const)
    expect((await api.send("POST", `/api/v1/${path}`, { cookie, body })).status).toBeGreaterThanOrEqual(400);
  expect(node.commands).toEqual([]);
});

test("a JSON Lines export holds all that is needed to hash the chain again", async () => {
  const { api, cookie } = await acts();
  const { text, headers } = await api.send("GET", "/api/v1/audit/export", { cookie });
  expect(headers.get("content-type")).toBe("application/jsonl; charset=utf-8");
  const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
  let previous: LedgerEntry | null = null;
  const lines = text.trimEnd().split("\n");
  expect(lines.length).toBe(5);
  for (const line of lines) {
    const one = JSON.parse(line) as Record<string, string> & { seq: number; ts: number };
    const entry: LedgerEntry = {
      seq: one.seq,
      ts: one.ts,
      actor: one.actor!,
      kind: one.kind!,
      payload: new TextEncoder().encode(one.payloadText),
      salt: bytes(one.salt!),
      payloadHash: bytes(one.payloadHash!),
      prev: bytes(one.prev!),
      hash: bytes(one.hash!),
    };
    expect(breakOf(entry, previous)).toBeNull();
    expect(entryHash(entry)).toEqual(entry.hash);
    previous = entry;
  }
  expect(bytes((JSON.parse(lines[0]!) as { prev: string }).prev)).toEqual(GENESIS);
});

test("T81 a CSV export has no cell that a spreadsheet would run, and loses nothing", async () => {
  const { api, cookie } = await acts();
  api.access.audit("auth.login_failed", "=cmd|' /C calc'!A0", { name: '-1+1,"x"' });
  const { text, headers } = await api.send("GET", "/api/v1/audit/export?format=csv", { cookie });
  expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
  expect(headers.get("content-disposition")).toBe('attachment; filename="audit.csv"');
  const rows = parseCsv(text);
  expect(rows[0]).toEqual(["seq", "at", "actor", "kind", "payload", "hash"]);
  const attacked = rows.find((row) => row[2]!.includes("cmd"))!;
  expect(attacked[2]).toBe("'=cmd|' /C calc'!A0");
  expect(JSON.parse(attacked[4]!)).toEqual({ name: '-1+1,"x"' });
  for (const cell of rows.flat()) expect(cell).not.toMatch(/^\s*[=+\-@\t\r]/);
});

test("an export of many pages is whole and in order", async () => {
  const { api, cookie } = await acts();
  api.store.transaction(() => {
    for (let at = 0; at < 1200; at += 1) api.access.audit("entry.added", "local", { at });
  });
  const text = (await api.send("GET", "/api/v1/audit/export?kind=entry", { cookie })).text;
  const seqs = text
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { payload: { at: number } }).payload.at);
  expect(seqs).toEqual(Array.from({ length: 1200 }, (_, at) => at));
});

test("T90 the chain is hashed again on request", async () => {
  const { api, cookie } = await acts();
  const { json } = await api.send("GET", "/api/v1/audit/verify", { cookie });
  expect(json).toEqual({ ok: true, entries: 4, firstBroken: null } as never);
});

function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)!.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    if (end === "\r\n") rows.push([]);
  }
  rows.pop();
  return rows;
}
