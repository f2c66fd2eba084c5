/** From a repair that asks to its end: the card, nothing done before the yes, one act, verified. */
import type { DecisionItem, ProblemItem } from "../../../core/monitor/items.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { now, pause, until } from "../lib/wait.ts";
import { WIDE_BUDGETS } from "../loop/demo.ts";
import { repairs } from "../loop/one-repair.ts";
import { ask, cookieOf, logIn, PASSWORD } from "../identity/person.ts";
import { decisionOf, decisionsOf, ensureCard, intentReaches, pendingDecision } from "./waiting.ts";

/** Budgets as small as the order of events allows, no grace after the boot, and these plugins. */
export const askingConfig = (plugins: object, more: object = {}) => ({
  version: 1,
  ...WIDE_BUDGETS,
  engine: { ...WIDE_BUDGETS.engine, boot_grace: "0s" },
  policy: { ...WIDE_BUDGETS.policy, boot_guard: "0s" },
  link: { report: "1s" },
  plugins,
  ...more,
});

/** How long nothing may happen while nobody has decided. */
const IDLE_MS = 2000;

export interface Asked {
  decision: DecisionItem;
  /** From the yes until `isDone`. */
  doneMs: number;
}

/** The decision about this repair, once it waits with everything that a person needs. */
export async function asked(cortex: Cortex, repair: string, timeoutMs = 30_000): Promise<DecisionItem> {
  const waiting = await pendingDecision(cortex, timeoutMs);
  const card = await decisionOf(cortex, waiting.id);
  ensureCard(card);
  ensureEqual(card.repair, repair, "the repair that asks");
  return card;
}

/** A yes by a person who just signed in; a key is refused where the class asks for a person. */
export async function approve(cortex: Cortex, { id, risk }: DecisionItem): Promise<void> {
  const verdict = { verdict: "approve", reason: "seen, go ahead" };
  const byKey = await cortex.api("POST", `decisions/${id}/verdict`, verdict, {
    key: await cortex.key("admin"),
  });
  if (byKey.status === 200) return;
  ensureEqual(byKey.status, 403, `a key approves what is of ${risk} risk`);
  const user = { name: "anna", password: PASSWORD, role: "admin" };
  const made = await cortex.api("POST", "users", user);
  ensure(made.status < 300 || made.status === 409, `POST users: ${made.text}`);
  const cookie = cookieOf(await logIn(cortex.url, "anna"))!;
  const answer = await ask(cortex.url, "POST", `decisions/${id}/verdict`, { body: verdict, cookie });
  ensureEqual(answer.status, 200, `approve: ${answer.text}`);
}

/** It waits and does nothing, is approved, runs once and is verified. */
export async function approvedOnce(
  cortex: Cortex,
  repair: string,
  isDone: () => boolean | Promise<boolean>,
): Promise<Asked> {
  const decision = await asked(cortex, repair);
  await pause(IDLE_MS);
  ensure(!(await isDone()), "it was done although nobody decided");
  const at = now();
  await approve(cortex, decision);
  await until(isDone, { what: `${repair} has done its work`, timeoutMs: 30_000, everyMs: 5 });
  const doneMs = now() - at;
  await intentReaches(cortex, decision, "verified", 30_000);
  ensureEqual((await repairs(cortex)).length, 1, "repairs");
  return { decision, doneMs };
}

/** What came of this check's open problem: it says what holds its repair, or a decision about it waits (""). */
export const heldOrAsked = (cortex: Cortex, check: string, timeoutMs = 30_000): Promise<{ hold: string }> =>
  until(
    async () => {
      const { items } = (
        await cortex.api<{ items: ProblemItem[] }>("GET", `problems?state=open&check=${check}`)
      ).json;
      const { hold = null, holdText = null } = items[0]?.guards ?? {};
      if (hold !== null && hold !== "autonomy_ask") return { hold: `${hold}: ${holdText ?? ""}` };
      return (await decisionsOf(cortex, "?state=pending")).items.length > 0 ? { hold: "" } : null;
    },
    { what: `the problem of ${check} is held or asked about`, timeoutMs, everyMs: 50 },
  );

/** Nobody is even asked; answers with what stands in the way. */
export async function ensureHeld(cortex: Cortex, check: string, why: string): Promise<string> {
  const { hold } = await heldOrAsked(cortex, check);
  ensure(hold !== "", `somebody was asked although ${why}`);
  ensure(hold.startsWith("precondition_failed: "), `it is held by ${hold}`);
  return hold.slice("precondition_failed: ".length);
}

/** A program that has to succeed; its output without the last line end. */
export async function must(rig: Rig, argv: string[]): Promise<string> {
  const ran = await rig.run(argv);
  if (ran.code !== 0) throw new Error(`${argv.join(" ")}: ${ran.stderr.trim()}`);
  return ran.stdout.trim();
}
