/** The chain of what was done: written durably one by one and in groups, and proven from the first entry to the last. */
import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { createHash } from "node:crypto";
import { createAgentStore } from "../../../core/store/agent/create-agent-store.ts";
import { loadIdentity } from "../../../core/store/identity.ts";
import type { Row } from "../row.ts";

const GROUP = 100;
const PAYLOAD = {
  problem: "0198f0aa-0000-7000-8000-000000000001",
  check: "service",
  target: "nginx.service",
  text: "x".repeat(300),
};

function perSecond(count: number, work: () => void): number {
  const began = performance.now();
  work();
  return (1000 * count) / (performance.now() - began);
}

/** The same bytes without a chain: one row and one commit each, or a hundred rows to a commit. */
function plainInserts(file: string, single: number, grouped: number): { single: number; grouped: number } {
  const db = new Database(file);
  db.run("PRAGMA journal_mode = WAL");
  db.run("PRAGMA synchronous = FULL");
  db.run("CREATE TABLE entries (seq INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT");
  const insert = db.prepare("INSERT INTO entries (body) VALUES (?)");
  const body = JSON.stringify(PAYLOAD);
  const one = () => insert.run(body);
  const many = db.transaction(() => {
    for (let index = 0; index < GROUP; index += 1) one();
  });
  const rates = {
    single: perSecond(single, () => {
      for (let index = 0; index < single; index += 1) one();
    }),
    grouped: perSecond(grouped, () => {
      for (let index = 0; index < grouped; index += GROUP) many();
    }),
  };
  db.close();
  return rates;
}

function plainHashes(count: number): number {
  const body = new TextEncoder().encode(JSON.stringify(PAYLOAD));
  return perSecond(count, () => {
    for (let index = 0; index < count; index += 1) createHash("sha256").update(body).digest();
  });
}

export const ledger: Row = {
  name: "ledger",
  summary: "ledger: durable appends and proof of the whole chain",
  async run(rig) {
    const [single, grouped] = rig.quick ? [100, 3000] : [2000, 50_000];
    mkdirSync(`${rig.folder}/keys`, { mode: 0o700 });
    const identity = loadIdentity(`${rig.folder}/keys`);
    const { sign, verify, nodeId: origin } = identity;
    const store = createAgentStore(`${rig.folder}/agent.db`, { origin, sign, verify, now: Date.now });
    const append = () => store.ledger.append("note", "bench", PAYLOAD);
    const appends = perSecond(single, () => {
      for (let index = 0; index < single; index += 1) append();
    });
    const groups = perSecond(grouped, () => {
      for (let index = 0; index < grouped; index += GROUP)
        store.transaction(() => {
          for (let entry = 0; entry < GROUP; entry += 1) append();
        });
    });
    store.ledger.checkpoint();
    await store.ledger.verify();
    const began = performance.now();
    const proof = await store.ledger.verify();
    const verified = (1000 * proof.entries) / (performance.now() - began);
    store.close();
    if (proof.fault !== null) throw new Error(`the chain is broken: ${proof.fault.reason}`);
    const floor = plainInserts(`${rig.folder}/floor.db`, single, grouped);
    const better = "higher" as const;
    return {
      figures: [
        { figure: "ledger appends, each durable", unit: "1/s", better, ours: appends, floor: floor.single },
        {
          figure: `ledger appends, ${GROUP} to a commit`,
          unit: "1/s",
          better,
          ours: groups,
          floor: floor.grouped,
        },
        {
          figure: "ledger verified",
          unit: "entries/s",
          better,
          ours: verified,
          floor: plainHashes(grouped),
          note: "two hashes, five comparisons and a row read per entry; floor: one hash in memory",
        },
      ],
    };
  },
};
