/**
 * The helper's side of the socket: it answers one question at a time, writes down what it is about to do before it does it, and
 * what came of it afterwards. Policy and trusted keys are read anew for each question.
 */
import { type Clock, messageOf } from "cortex";
import type { HelperPolicy } from "../domain/helper-policy.ts";
import {
  type HelperAnswer,
  helperRequest,
  type HelperRequest,
  type HelperStatus,
} from "../domain/root-work.ts";
import { failpoint } from "../ports/failpoint.ts";
import type { Peer } from "../ports/network/peer.ts";
import type { HelperJournal } from "../store/helper/journal.ts";
import { examine, type HelperFacts } from "./examine.ts";
import type { VerbPorts } from "./verb.ts";
import { VERBS } from "./verbs.ts";

export interface TrustedKey {
  /** base64url of the raw public key. */
  signer: string;
  words: string;
}

export interface HelperDeps {
  /** Throws when it can't be believed. */
  policy: () => HelperPolicy;
  trusted: () => readonly TrustedKey[];
  verify: HelperFacts["verify"];
  journal: HelperJournal;
  ports: VerbPorts;
  clock: Clock;
  /** Uid of a user; null when there is none of this name. */
  uidOf: (user: string) => number | null;
  log: (line: string) => void;
  /** Tests compose it with none, to see that it is this which refuses. */
  examine?: typeof examine;
}

interface Refusal {
  reason: string;
  message: string;
  peer: Peer;
  intent: string | null;
}

export interface Helper {
  admits(peer: Peer): boolean;
  answer(line: string, peer: Peer): Promise<string>;
  tooLong(peer: Peer): string;
  /** The last word: refusals that were only counted are written down. */
  stop(): void;
}

/** A flood fills neither processor nor disk, however long it lasts. */
const QUESTIONS_A_MINUTE = 120;
const NOTED_AN_HOUR = 30;
const MINUTE_MS = 60_000;
/** Acts that wait for their turn, and how long: who asked gives up after a while, and nothing is done behind its back. */
const MAX_WAITING = 8;
const MAX_WAIT_MS = 10_000;
const HOUR_MS = 3_600_000;

const no = (reason: string, message: string): HelperAnswer => ({
  ok: false,
  code: `helper.${reason}`,
  message,
});

export function createHelper(deps: HelperDeps): Helper {
  const { journal, clock } = deps;
  const questions = createCounter(clock, QUESTIONS_A_MINUTE, MINUTE_MS);
  const notes = createCounter(clock, NOTED_AN_HOUR, HOUR_MS);
  /** Refused since the last line that says so. */
  let unnoted = 0;
  let lastRefused: Refusal | null = null;
  let waiting = 0;
  let turn: Promise<unknown> = Promise.resolve();
  for (const intent of journal.unfinished())
    journal.append("interrupted", {
      intent,
      note: "the helper ended before the act did; it is not done again",
    });
  journal.append("opened", { verbs: VERBS.map(({ name }) => name) });

  function note(reason: string, message: string, peer: Peer, intent: string | null): void {
    lastRefused = { reason, message, peer, intent };
    if (notes()) write(lastRefused);
    else unnoted += 1;
  }

  function write({ reason, message, peer, intent }: Refusal): void {
    const more = unnoted;
    unnoted = 0;
    deps.log(`refused (${reason}): ${message}`);
    try {
      journal.append("refused", {
        reason,
        message: message.slice(0, 500),
        intent,
        uid: peer.uid,
        pid: peer.pid,
        more,
      });
    } catch (error) {
      deps.log(`a refusal could not be written down: ${messageOf(error)}`);
    }
  }

  async function act(
    request: Extract<HelperRequest, { op: "act" }>,
    peer: Peer,
    since: number,
  ): Promise<HelperAnswer> {
    if (clock.monotonic() - since > MAX_WAIT_MS)
      return no("busy", "it waited too long for its turn and was not done; try again later");
    const { work } = request;
    const found = await (deps.examine ?? examine)(work, request.approval, {
      policy: deps.policy(),
      trusted: deps.trusted().map(({ signer }) => signer),
      verify: deps.verify,
      isUsed: journal.isUsed,
      isBegun: journal.isBegun,
      begunWithin: journal.begunWithin,
      now: clock.now(),
      ageMs: clock.monotonic() - since,
      ports: deps.ports,
    });
    if ("reason" in found) {
      note(found.reason, found.message, peer, work.intent);
      return no(found.reason, `the helper refused: ${found.message}`);
    }
    const { verb, target, approval } = found;
    const { intent } = work;
    // Burnt: whatever happens from here on, neither this approval nor this intent is good again.
    journal.append("began", {
      intent,
      nonce: approval?.nonce ?? null,
      verb: verb.name,
      target,
      act: verb.describe(found.act),
      approvedBy: approval?.approvals.map(({ principal }) => principal) ?? [],
      signer: approval?.signer ?? null,
      uid: peer.uid,
      pid: peer.pid,
    });
    await failpoint("helper.burnt");
    const outcome = await verb
      .run(found.act, deps.ports)
      .catch((error: unknown) => ({ ok: false, summary: messageOf(error) }));
    deps.log(`${verb.describe(found.act)}: ${outcome.summary}`);
    try {
      journal.append("ended", { intent, ok: outcome.ok, summary: outcome.summary });
    } catch (error) {
      // It was done all the same; the next start finds it begun, and it is never done again.
      deps.log(`the end of an act could not be written down: ${messageOf(error)}`);
    }
    return { ok: true, data: outcome };
  }

  const isAgent = (peer: Peer) => peer.uid === deps.uidOf(deps.policy().user);

  function status(): HelperAnswer {
    const { node, user, decided, alone, budgets } = deps.policy();
    const data: HelperStatus = {
      node,
      user,
      verbs: VERBS.map(({ name }) => name),
      decided,
      alone,
      budgets: {
        perHour: budgets.per_hour,
        perTargetPerHour: budgets.per_target_per_hour,
        usedThisHour: journal.begunWithin(HOUR_MS).length,
      },
      trusted: deps.trusted().map(({ words }) => words),
      entries: journal.entries(),
    };
    return { ok: true, data };
  }

  async function inTurn(work: () => Promise<HelperAnswer>): Promise<HelperAnswer> {
    if (waiting >= MAX_WAITING) return no("busy", "too many acts wait already; try again later");
    waiting += 1;
    const mine = turn.then(work).finally(() => (waiting -= 1));
    turn = mine.catch(() => undefined);
    return mine;
  }

  async function answer(line: string, peer: Peer): Promise<HelperAnswer> {
    const since = clock.monotonic();
    if (!questions())
      return no("busy", `more than ${QUESTIONS_A_MINUTE} questions in a minute; try again later`);
    const request = helperRequest.safeParse(parsed(line));
    if (!request.success) {
      const at = request.error.issues[0]?.path.join(".") ?? "";
      note("malformed_request", at, peer, null);
      return no("malformed_request", `the helper does not understand this${at === "" ? "" : ` (${at})`}`);
    }
    const { data } = request;
    if (data.op === "status") return status();
    if (isAgent(peer)) return inTurn(() => act(data, peer, since));
    note("wrong_user", "root needs no helper", peer, data.work.intent);
    return no("wrong_user", "only the agent's user is served");
  }

  return {
    admits(peer) {
      try {
        // Root may look; it could read the files themselves.
        if (peer.uid === 0 || isAgent(peer)) return true;
        note("wrong_user", `user ${peer.uid} may not ask`, peer, null);
      } catch (error) {
        deps.log(`nobody may ask: ${messageOf(error)}`);
      }
      return false;
    },
    async answer(line, peer) {
      try {
        return JSON.stringify(await answer(line, peer));
      } catch (error) {
        // Its own files can't be read or written: then nothing is done.
        deps.log(messageOf(error));
        return JSON.stringify(no("unable", messageOf(error)));
      }
    },
    stop() {
      if (unnoted === 0 || lastRefused === null) return;
      unnoted -= 1;
      write(lastRefused);
    },
    tooLong(peer) {
      note("too_large", "a question that is too long", peer, null);
      return JSON.stringify(no("too_large", "the question is too long"));
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** True as long as not more than `most` were counted in this span of time. */
function createCounter(clock: Clock, most: number, ms: number): () => boolean {
  let from = clock.monotonic();
  let count = 0;
  return () => {
    if (clock.monotonic() - from >= ms) [from, count] = [clock.monotonic(), 0];
    count += 1;
    return count <= most;
  };
}
