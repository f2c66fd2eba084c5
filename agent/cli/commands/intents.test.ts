import { expect, test } from "bun:test";
import type { ChainVerdict } from "../../../core/monitor/verify.ts";
import { verificationText } from "./intents.ts";

const at = "2026-11-22T09:00:00.000Z";
const audit: ChainVerdict = {
  kind: "audit",
  node: null,
  nodeName: null,
  state: "holds",
  entries: 12,
  checkpoint: null,
  broken: null,
  reason: null,
};
const web: ChainVerdict = {
  ...audit,
  kind: "ledger",
  node: "n_web",
  nodeName: "web-1",
  entries: 140,
  checkpoint: { size: 120, head: "ab".repeat(32), at },
};

test("each chain is named with its entries and its newest signed head, the last line is the sum", () => {
  const lines = verificationText({ ok: true, entries: 152, firstBroken: null, chains: [audit, web] }).split(
    "\n",
  );
  expect(lines[1]).toMatch(/^audit +12 +holds +none yet$/);
  expect(lines[2]).toMatch(/^ledger of web-1 +140 +holds +entry 120 at 11-2\d \d\d:00:00, abababababab$/);
  expect(lines.at(-1)).toBe("ok 152 entries, every chain holds");
});

test("a broken chain says where, and the last line names the first one", () => {
  const fault = { origin: "n_web", seq: 7, reason: "payload was changed" };
  const broken: ChainVerdict = { ...web, state: "broken", broken: fault, reason: fault.reason };
  const text = verificationText({ ok: false, entries: 152, firstBroken: fault, chains: [audit, broken] });
  expect(text).toMatch(/ledger of web-1 +140 +broken .*entry 7: payload was changed\n/);
  expect(text).toEndWith("critical entry 7 of n_web: payload was changed");
});

test("a chain that could not be asked is not passed off as one that holds", () => {
  const away: ChainVerdict = { ...web, state: "unverified", entries: null, reason: "is not connected" };
  const text = verificationText({ ok: true, entries: 12, firstBroken: null, chains: [audit, away] });
  expect(text).toMatch(/ledger of web-1 +– +unverified .*is not connected\n/);
  expect(text).toEndWith("ok 12 entries, every chain holds; 1 could not be verified");
});
