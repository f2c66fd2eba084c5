/** T35, T81: each act is in the audit with who did it, the export can be hashed and read elsewhere, and tampering is named. */
import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { breakOf, type LedgerEntry } from "../../../core/domain/ledger.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { plainEnv } from "../lib/run.ts";
import { until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { createChoice } from "../loop/choice.ts";
import { ACTS, asSql, rewrite, type Row, ROWS_SQL, type Tampering } from "../loop/tampering.ts";
import { ask, cookieOf, logIn, PASSWORD } from "./person.ts";

const SEED = 20_261_126;
/** A name that a spreadsheet would run. */
const FORMULA = "=cmd|' /C calc'!A0";

/** `kind actor` of every entry that the acts below must leave, in any order. */
const EXPECTED = [
  "user.created local",
  "user.changed local",
  "user.deleted local",
  "auth.login user:bob",
  "auth.login_failed nobody",
  "auth.locked nobody",
  "auth.logout user:bob",
  "profile.changed user:bob",
  "session.revoked local",
  "key.created local",
  "key.used key:ci",
  "key.rotated local",
  "key.deleted local",
  "token.created key:ci",
  "access.refused key:ci",
  "auth.refused nobody",
  "switch local",
  "autonomy.set local",
  "maintenance.added local",
  "maintenance.removed local",
  "inspection.asked local",
  "entry.added local",
  "config.reloaded local",
  "ledger.exported local",
  "act.failed local",
  "audit.exported local",
];

async function act(cortex: Cortex): Promise<void> {
  const done = async <T = { id: string; secret: string; token: string }>(
    method: string,
    path: string,
    body?: unknown,
    fine: readonly number[] = [200, 201, 202],
  ): Promise<T> => {
    const { status, json, text } = await cortex.api<T>(method, path, body);
    ensure(fine.includes(status), `${method} ${path}: ${status} ${text}`);
    return json;
  };
  const user = await done("POST", "users", { name: "bob", password: PASSWORD, role: "viewer" });
  const { url } = cortex;
  const cookie = cookieOf(await logIn(url, "bob"))!;
  await ask(url, "PATCH", "me", { cookie, body: { language: "zh" } });
  await ask(url, "POST", "auth/logout", { cookie, body: {} });
  await logIn(url, "bob");
  await done("DELETE", `users/${user.id}/sessions`);
  await done("PATCH", `users/${user.id}`, { role: "operator" });
  for (let at = 0; at < 5; at += 1) await logIn(url, FORMULA, `wrong ${at}`);
  await done("DELETE", `users/${user.id}`);

  const key = await done("POST", "keys", { name: "ci", role: "viewer" });
  await ask(url, "GET", "users", { key: key.secret });
  await ask(url, "POST", "auth/token", { key: key.secret, body: {} });
  await ask(url, "GET", "nodes", { key: `cxk_abcdefgh_${"A".repeat(43)}` });
  await done("POST", `keys/${key.id}/rotate`, {});
  await done("DELETE", `keys/${key.id}`);

  for (const repairs of [false, true])
    await done("POST", "settings/switch", { repairs, reason: "acceptance" });
  await done("POST", "settings/autonomy", { autonomy: "ask", reason: "acceptance" });
  const window = await done("POST", "maintenance", {
    check: "*",
    target: "*",
    until: new Date(Date.now() + 3_600_000).toISOString(),
    reason: "acceptance",
  });
  await until(
    async () =>
      (await done<{ items: { id: string }[] }>("GET", "maintenance")).items.some(
        ({ id }) => id === window.id,
      ),
    { what: "the maintenance window is listed", timeoutMs: 5000 },
  );
  await done("DELETE", `maintenance/${window.id}`);
  await done("POST", "inspections", {});
  await done("POST", "intents", { kind: "note", summary: "acceptance" });
  await done("POST", "config/reload", {});
  await done("GET", "intents/export");
  // Asked of a node, and refused by it: the wish and its failure are both there.
  await done("POST", "checks/no-such-check/pause", {}, [400, 404, 409]);
  cortex.writeConfig("no_such_key: true");
  await done("POST", "config/reload", {}, [400, 409, 422]);
  cortex.writeConfig("");
}

interface Item {
  seq: number;
  actor: string;
  kind: string;
}

/** The whole list, page by page. */
async function listed(cortex: Cortex): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: string | null = null; ;) {
    const path: string = `audit?limit=7${cursor === null ? "" : `&cursor=${cursor}`}`;
    const page: { items: Item[]; next: string | null } = (
      await cortex.api<{ items: Item[]; next: string | null }>("GET", path)
    ).json;
    items.push(...page.items);
    if (page.next === null) return items;
    cursor = page.next;
  }
}

/** Hash every line of the export again, with nothing but the line before it. */
function rehash(text: string): number {
  const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
  let previous: LedgerEntry | null = null;
  const lines = text.trimEnd().split("\n");
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
    const fault = breakOf(entry, previous);
    ensure(fault === null, `line ${entry.seq} of the export: ${fault}`);
    previous = entry;
  }
  return lines.length;
}

/** By the letter of RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)!.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    if (end === "\r\n") rows.push([]);
  }
  rows.pop();
  return rows;
}

function ensureSafeCsv(text: string, entries: number): void {
  const rows = parseCsv(text);
  ensureEqual(rows[0], ["seq", "at", "actor", "kind", "payload", "hash"], "head of the CSV");
  ensure(rows.length - 1 >= entries, `${rows.length - 1} rows of ${entries} entries`);
  ensure(
    rows.every((row) => row.length === 6),
    "a row of the CSV has not six cells",
  );
  const formulas = rows.flat().filter((cell) => /^\s*[=+\-@\t\r]/.test(cell));
  ensureEqual(formulas, [], "cells that a spreadsheet would run");
  ensure(text.includes("calc"), "the hostile name is not in the export");
}

/** What `cortex audit verify` says of a copy: the number of the first broken entry, or null. */
type Verify = (dataDir: string) => Promise<number | null>;

const byCortex =
  (rig: Rig): Verify =>
  async (dataDir) => {
    const argv = [await rig.binary(), "audit", "verify", "--json", "--data-dir", dataDir];
    const ran = await rig.run(argv, { env: { ...plainEnv(), HOME: rig.folder } });
    ensure(ran.code === 0 || ran.code === 1, `audit verify ended with ${ran.code}: ${ran.stderr.trim()}`);
    const answer = JSON.parse(ran.stdout) as { ok: boolean; firstBroken: { seq: number } | null };
    ensureEqual(
      [answer.ok, answer.firstBroken === null],
      [ran.code === 0, ran.code === 0],
      "words and exit code",
    );
    return answer.firstBroken?.seq ?? null;
  };

/** What one could check without a chain of hashes: as many entries as the highest number says. */
const byCounting =
  (rig: Rig): Verify =>
  async (dataDir) => {
    const sql = "SELECT count(*) = max(seq) AND min(seq) = 1 FROM ledger;";
    return (await sqlite(rig, join(dataDir, "monitor.db"), sql)).trim() === "1" ? null : 1;
  };

async function sqlite(rig: Rig, file: string, ...words: string[]): Promise<string> {
  const argv = ["/usr/bin/sqlite3", "-batch", "-bail", ...words.slice(0, -1), file, words.at(-1)!];
  const ran = await rig.run(argv);
  ensureEqual([ran.code, ran.stderr], [0, ""], "sqlite3");
  return ran.stdout;
}

async function tamper(rig: Rig, pristine: string, verify: Verify): Promise<number> {
  const rows = JSON.parse(await sqlite(rig, join(pristine, "monitor.db"), "-json", ROWS_SQL)) as Row[];
  ensure(existsSync(join(pristine, "monitor-checkpoints.log")), "there is no monitor-checkpoints.log");
  const judge = async (tampering: Tampering) => {
    const copy = join(rig.folder, "copy");
    rmSync(copy, { recursive: true, force: true });
    cpSync(pristine, copy, { recursive: true });
    await sqlite(rig, join(copy, "monitor.db"), asSql(tampering));
    return verify(copy);
  };
  ensureEqual(await verify(pristine), null, "verdict on the untouched folder");
  const choice = createChoice(SEED);
  const count = rig.quick ? ACTS.length : 4 * ACTS.length;
  for (let at = 0; at < count; at += 1) {
    const one = ACTS[at % ACTS.length]!(rows, choice);
    const named = await judge(one);
    ensure(named === one.seq || named === one.seq + 1, `${one.what}: entry ${named} was named`);
  }
  const history = rewrite(rows, choice);
  const named = await judge(history);
  ensure(named !== null && named >= history.seq, `${history.what}: entry ${named} was named`);
  return count + 1;
}

async function scenarioWith(rig: Rig, verify: Verify): Promise<string> {
  const cortex = await rig.cortex();
  await act(cortex);
  const csv = (await cortex.api("GET", "audit/export?format=csv")).text;
  const jsonl = (await cortex.api("GET", "audit/export")).text;
  const items = await listed(cortex);
  ensureEqual(
    items.map(({ seq }) => seq),
    items.map((_, at) => items.length - at),
    "numbers of the entries, newest first",
  );
  const there = new Set(items.map(({ kind, actor }) => `${kind} ${actor}`));
  ensureEqual(
    EXPECTED.filter((one) => !there.has(one)),
    [],
    "acts that left no entry",
  );
  ensureEqual(rehash(jsonl), items.length, "lines of the export");
  ensureSafeCsv(csv, items.length - 1);
  const byCli = await cortex.cli("audit", "list", "--kind", "auth", "--json", "--limit", "500");
  ensureEqual(
    (JSON.parse(byCli.stdout) as Item[]).length,
    items.filter(({ kind }) => kind.startsWith("auth.")).length,
    "`cortex audit list --kind auth`",
  );
  await cortex.stop();
  rmSync(join(cortex.dataDir, "ballast"), { force: true });
  const tampered = await tamper(rig, cortex.dataDir, verify);
  return `${EXPECTED.length} kinds of acts in ${items.length} entries; export hashed again, CSV has no formula; ${tampered} of ${tampered} tamperings named`;
}

const scenario: Scenario = {
  name: "audit-holds",
  quick: true,
  timeoutMs: 300_000,
  needs: ["sqlite3"],
  run: (rig) => scenarioWith(rig, byCortex(rig)),
  control: (rig) => scenarioWith(rig, byCounting(rig)),
};

export default scenario;
