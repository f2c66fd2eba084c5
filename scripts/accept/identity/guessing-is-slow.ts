/** T62, T63: a thousand guesses get almost nowhere, disturb nobody, tell nothing, and are not forgiven by a restart. */
import { readFileSync } from "node:fs";
import { createPasswords } from "../../../core/ports/secrets/password.ts";
import { createTestApi } from "../../../core/testing/test-api.ts";
import { createPasswordProvider } from "../../../plugins/auth-password/auth-password.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { inTime, median } from "../lib/stats.ts";
import { now } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { logIn, PASSWORD } from "./person.ts";

const GUESSES = 1000;
const AT_ONCE = 20;
/** T62: guesses that are looked at, per minute that has begun. */
const EVALUATED_PER_MINUTE = 10;
/** T63: what an answer may take longer for a known name than for an unknown one; the network hides more. */
const SAME_MS = 5;
/** Pairs that are asked at most to find out on a busy machine. */
const MOST_ROUNDS = 300;

type Guess = (name: string, password: string) => Promise<number>;

/** As many as the door takes; gives how many were looked at, and the minutes that took. */
async function storm(guess: Guess): Promise<{ evaluated: number; minutes: number }> {
  const started = now();
  let evaluated = 0;
  let sent = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (sent < GUESSES) {
        sent += 1;
        const status = await guess("ada", `guess number ${sent} of many`);
        ensure(status === 401 || status === 429, `a guess was answered with ${status}`);
        if (status === 401) evaluated += 1;
      }
    }),
  );
  return { evaluated, minutes: Math.ceil((now() - started) / 60_000) };
}

function ensureSlow({ evaluated, minutes }: { evaluated: number; minutes: number }): void {
  ensure(
    evaluated <= EVALUATED_PER_MINUTE * minutes,
    `${evaluated} of ${GUESSES} guesses were looked at within ${minutes} min, more than ${EVALUATED_PER_MINUTE} a minute`,
  );
}

/** CPU seconds of a process so far; USER_HZ is 100 on all current Linux builds. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/**
 * Refused logins for a known and for an unknown name in turn, with real hashes and nothing in between: the median of both,
 * and of what each pair differs by, which a busy machine blurs least. Where it blurs it all the same, more are asked.
 */
async function timing(rounds: number, unknownHash: boolean) {
  const passwords = createPasswords();
  const provider = createPasswordProvider(passwords);
  const passwordHash = await passwords.hash(PASSWORD);
  const ada = { id: "1", name: "ada", role: "viewer", grants: [], passwordHash, disabled: false } as const;
  const directory = {
    userByName: (name: string) => (name === "ada" ? ada : null),
    keyById: () => null,
  };
  const measured = async (name: string, password: string) => {
    const started = now();
    if (unknownHash || name === "ada") await provider.login!({ name, password }, directory);
    return now() - started;
  };
  const pairs: { known: number; unknown: number }[] = [];
  const differences = () => pairs.map((pair) => pair.known - pair.unknown);
  for (let at = 0; at < rounds || (at < MOST_ROUNDS && blurOf(differences()) > SAME_MS); at += 1) {
    const first = await measured(at % 2 === 0 ? "ada" : "eve", `wrong ${at}`);
    const second = await measured(at % 2 === 0 ? "eve" : "ada", `wrong ${at}`);
    pairs.push(at % 2 === 0 ? { known: first, unknown: second } : { known: second, unknown: first });
  }
  return {
    known: median(pairs.map((pair) => pair.known)),
    unknown: median(pairs.map((pair) => pair.unknown)),
    differs: Math.abs(median(differences())),
    blur: blurOf(differences()),
  };
}

/** Three standard errors of their median, from their median deviation. */
function blurOf(values: readonly number[]): number {
  const middle = median(values);
  const deviation = 1.4826 * median(values.map((value) => Math.abs(value - middle)));
  return (3 * 1.2533 * deviation) / Math.sqrt(values.length);
}

async function ensureSameTime(rounds: number, unknownHash: boolean): Promise<string> {
  const { known, unknown, differs, blur } = await timing(rounds, unknownHash);
  ensure(
    differs < Math.max(SAME_MS, blur),
    `a known name takes ${known.toFixed(1)} ms, an unknown one ${unknown.toFixed(1)} ms (${differs.toFixed(1)} ± ${blur.toFixed(1)} in pairs)`,
  );
  return `known and unknown names differ by ${differs.toFixed(1)} ± ${blur.toFixed(1)} of ${known.toFixed(0)} ms`;
}

const slow: Scenario = {
  name: "guessing-is-slow",
  quick: true,
  timeoutMs: 180_000,
  async run(rig) {
    const cortex = await rig.cortex();
    for (const name of ["ada", "bob"])
      ensureEqual(
        (await cortex.api("POST", "users", { name, password: PASSWORD, role: "viewer" })).status,
        201,
        `make ${name}`,
      );
    const before = cpuSeconds(cortex.pid);
    const started = now();
    const others: number[] = [];
    let over = false;
    const neighbour = (async () => {
      while (!over && others.length < 4) {
        const asked = now();
        ensureEqual(
          (await logIn(cortex.url, "bob", PASSWORD, "127.0.0.2")).status,
          200,
          "bob's login meanwhile",
        );
        others.push(now() - asked);
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    })();
    const stormed = await storm(async (name, password) => (await logIn(cortex.url, name, password)).status);
    over = true;
    await neighbour;
    ensureSlow(stormed);
    ensure(others.length > 0, "nobody else logged in meanwhile");
    const share = (cpuSeconds(cortex.pid) - before) / ((now() - started) / 1000);
    ensure(share < 1.5, `the storm took ${(share * 100).toFixed(0)} % of a CPU`);

    await cortex.restart();
    const after = await logIn(cortex.url, "ada", PASSWORD);
    ensureEqual(after.status, 429, "the account and address that were locked, after a restart");
    ensure(Number(after.headers["retry-after"]) > 0, "no Retry-After on a locked account");
    ensureEqual((await logIn(cortex.url, "ada", PASSWORD, "127.0.0.3")).status, 200, "ada from elsewhere");
    const { json } = await cortex.api<{ items: unknown[] }>("GET", "audit?kind=auth.locked");
    ensure(json.items.length > 0, "no lockout in the audit");
    const times = await ensureSameTime(rig.quick ? 40 : 200, true);
    return `${stormed.evaluated} of ${GUESSES} guesses looked at, others log in within ${inTime(Math.max(...others))}, ${(share * 100).toFixed(0)} % CPU; ${times}`;
  },
  /** The same storm on a composition without the guard. */
  async control() {
    const api = createTestApi({ slowGuesses: false });
    await api.setUp();
    ensureSlow(
      await storm(async (name, password) => {
        const body = { name, password };
        return (await api.send("POST", "/api/v1/auth/login", { body })).status;
      }),
    );
    return "guesses were slowed down";
  },
};

const quiet: Scenario = {
  name: "names-are-not-told",
  quick: true,
  timeoutMs: 120_000,
  run: (rig) => ensureSameTime(rig.quick ? 40 : 200, true),
  /** A login that hashes nothing for names that do not exist. */
  control: () => ensureSameTime(20, false),
};

export default [slow, quiet];
