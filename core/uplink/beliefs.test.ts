import { expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ephemeralKeyPair } from "../store/key-file.ts";
import { testStore } from "../store/agent/test-store.ts";
import { testFolder } from "../testing/test-folder.ts";
import { createTrustNotes } from "../store/trust-notes.ts";
import { createUpstreamFiles, type Upstream } from "../store/upstream.ts";
import { createTestBeliefs } from "../testing/test-beliefs.ts";
import { deciderName, ledgerOf, type TrustLedger } from "./beliefs.ts";
import { carryOutTrust } from "./trust-wish.ts";

const base64Key = () => Buffer.from(ephemeralKeyPair().publicKey).toString("base64");

function house() {
  const keys = testFolder();
  const store = testStore();
  const joined: Upstream = {
    url: "https://monitor.example/",
    publicKey: base64Key(),
    fingerprint: null,
    decisionKey: base64Key(),
    joinedAt: 1,
    keySince: 1,
  };
  const kinds = () => store.ledger.read(0, 100).map(({ kind, actor }) => `${kind} ${actor}`);
  return {
    keys,
    store,
    joined,
    kinds,
    files: createUpstreamFiles(keys),
    ledger: ledgerOf(store),
    /** A command while nothing runs. */
    command: () => createTestBeliefs(keys),
    /** The program starts. */
    start(ledger: TrustLedger = ledgerOf(store)) {
      const beliefs = createTestBeliefs(keys);
      beliefs.writeInto(ledger);
      return beliefs;
    },
  };
}

test("T24 while the program runs, each change of whom it believes is in the ledger at once", () => {
  const { start, joined, kinds, files, store } = house();
  const beliefs = start();
  carryOutTrust(beliefs, { act: "join", upstream: joined }, "local");
  const key = deciderName(joined.decisionKey!);
  expect(carryOutTrust(beliefs, { act: "remove", key: key.slice(0, 8) }, "local").removed).toBe(key);
  carryOutTrust(beliefs, { act: "leave" }, "local");
  expect(kinds()).toEqual(["upstream.joined local", "trust.removed local", "upstream.left local"]);
  expect(files.read()).toBeNull();
  const payloads = store.ledger.read(0, 9).map(({ payload }) => new TextDecoder().decode(payload!));
  expect(payloads[1]).toContain(key);
});

test("T24 what a command changed while nothing ran takes effect at once and is written down at the next start, once", () => {
  const { command, start, joined, kinds, files, keys } = house();
  carryOutTrust(command(), { act: "join", upstream: joined }, "local");
  const key = deciderName(joined.decisionKey!);
  carryOutTrust(command(), { act: "remove", key }, "local");
  expect(files.read()).toMatchObject({ decisionKey: null, refusedKeys: [joined.decisionKey] });
  expect(kinds()).toEqual([]);
  start();
  start();
  expect(kinds()).toEqual(["upstream.joined local", "trust.removed local"]);
  expect(existsSync(join(keys, "trust-notes.json"))).toBe(false);
});

test("T24 a change that was cut short after it was noted is finished at the next start", () => {
  const { joined, start, kinds, files, keys } = house();
  files.write(joined);
  start();
  const next = { ...joined, decisionKey: null, refusedKeys: [joined.decisionKey!] };
  createTrustNotes(keys).keep([
    { id: "1", at: 5, actor: "local", kind: "trust.removed", data: {}, next, isDone: false },
  ]);
  start();
  expect(files.read()).toEqual(next);
  expect(kinds()).toEqual(["trust.found engine", "trust.removed local"]);
});

test("T24 a crash between the ledger and the end of its note writes nothing down twice", () => {
  const { joined, start, kinds, keys, ledger } = house();
  const note = { id: "1", at: 5, actor: "local", kind: "upstream.joined", data: {} } as const;
  createTrustNotes(keys).keep([{ ...note, next: joined, isDone: false }]);
  ledger.append(note, null);
  start();
  expect(kinds().filter((kind) => kind.startsWith("upstream.joined"))).toEqual(["upstream.joined local"]);
});

test("T24 nothing is believed that could not be written down", () => {
  const { joined, start, files, keys } = house();
  const beliefs = start({
    known: () => null,
    append() {
      throw new Error("the disk is full");
    },
  });
  expect(() => carryOutTrust(beliefs, { act: "join", upstream: joined }, "local")).toThrow("full");
  expect(files.read()).toBeNull();
  expect(createTrustNotes(keys).pending()).toEqual([]);
});

test("T24 a file that was changed by another hand is told in the ledger at the next start", () => {
  const { joined, start, kinds, files, store } = house();
  carryOutTrust(start(), { act: "join", upstream: joined }, "local");
  start();
  files.write({ ...joined, decisionKey: base64Key() });
  start();
  start();
  expect(kinds()).toEqual(["upstream.joined local", "trust.found engine"]);
  files.write({ ...files.read()!, keySince: 99 });
  start();
  expect(store.ledger.head()?.size).toBe(2);
});

test("a damaged file keeps nobody from leaving, and a node that joined none has nothing to leave", () => {
  const { command, keys, files } = house();
  expect(() => carryOutTrust(command(), { act: "leave" }, "local")).toThrow("nothing to leave");
  writeFileSync(join(keys, "upstream.json"), "{");
  expect(carryOutTrust(command(), { act: "leave" }, "local").previous).toBeNull();
  expect(files.read()).toBeNull();
});
