/**
 * The link of a remote node: HTTPS requests that the node itself makes, so that it works behind any NAT. Deliveries and a long
 * poll for commands run side by side; a broken line costs waiting with full jitter and nothing else.
 */
import { type Clock, CortexError, defineErrors, isCortexError, type Log, messageOf } from "cortex";
import { rotateBytes } from "../domain/signing.ts";
import type { StoredIdentity } from "../store/identity.ts";
import type { UpstreamFiles } from "../store/upstream.ts";
import type { Uplink } from "../wire/link.ts";
import { connectAnswer, type LinkAnswer, linkAnswer, type LinkRequest } from "../wire/link-messages.ts";
import { type Beliefs, deciderName } from "./beliefs.ts";
import { createCommandInbox } from "./command-inbox.ts";
import { firstThatFit, refuseLarge } from "./fitting.ts";
import { type LinkState, STATE_OF, tellState } from "./link-state.ts";
import type { MonitorClient, SignedAnswer } from "./monitor-client.ts";

const errors = defineErrors("link", {
  down: "unavailable",
  too_large: "invalid",
});

export interface LinkStatus {
  state: LinkState;
  /** Why it is not online; what to do. */
  reason: string | null;
  /** Epoch ms of the last answer of the Monitor. */
  lastAnswerAt: number | null;
}

export interface HttpsUplink extends Uplink {
  status(): LinkStatus;
  /** Replace this node's key; resolves with the id of the new one. */
  rotate(): Promise<{ key: string }>;
  start(): void;
  /** The program stops: what is not delivered soon is delivered after the next start. */
  hurry(): void;
  stop(): void;
  /** This node left the Monitor, or joined another: nothing more is sent to this one, nor taken from it. */
  leave(): void;
}

export interface HttpsUplinkDeps {
  clock: Clock;
  log: Log;
  client: MonitorClient;
  identity: StoredIdentity;
  upstream: UpstreamFiles;
  beliefs: Pick<Beliefs, "change">;
  version: string;
  /** 0 ≤ x < 1, for jitter. */
  random: () => number;
  rotateAfterMs: () => number;
}

const TIMEOUT_MS = 20_000;
const STOPPING_MS = 3000;
const POLL_SECONDS = 25;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** Sent away for good: it only looks whether somebody changed their mind. */
const REVOKED_WAIT_MS = 3_600_000;

/** What a second try can mend: a session that is over, a clock that went wrong, a key replaced while this was on its way. */
const SIGN_ANEW = new Set(["link.session_ended", "node.clock", "node.key_retired"]);

export function createHttpsUplink(deps: HttpsUplinkDeps): HttpsUplink {
  const { clock, log, client, identity, upstream } = deps;
  const status: LinkStatus = { state: "connecting", reason: null, lastAnswerAt: null };
  let session: string | null = null;
  let connecting: Promise<string> | null = null;
  let rotating: Promise<{ key: string }> | null = null;
  let failures = 0;
  let stopped = false;
  let started = false;
  let cancelWait = () => {};
  let deliverMs = TIMEOUT_MS;
  let whenUp = () => {};
  const inbox = createCommandInbox({ answer: (answers) => exchange({ answers }, TIMEOUT_MS).then(take) });

  function become(state: LinkState, reason: string | null): void {
    const changed = status.state !== state;
    status.state = state;
    status.reason = reason;
    if (!changed) return;
    tellState(log, state, { reason, monitor: upstream.read()?.url ?? null, identity });
    if (state === "online") whenUp();
  }

  /** One answer that says what it should, or an error that says why not. */
  async function ask(path: string, body: unknown, timeoutMs: number): Promise<SignedAnswer> {
    const answer = await client.post(path, body, timeoutMs);
    status.lastAnswerAt = clock.now();
    if (answer.status === 200) return answer;
    const kind = answer.status === 409 ? "conflict" : answer.status === 413 ? "invalid" : "unavailable";
    throw new CortexError(answer.code, kind, answer.message);
  }

  function connect(): Promise<string> {
    connecting ??= openSession().finally(() => {
      connecting = null;
    });
    return connecting;
  }

  async function openSession(): Promise<string> {
    await client.synchronize();
    const answer = await ask(
      "/api/v1/link/connect",
      { session: upstream.session(), version: deps.version },
      TIMEOUT_MS,
    );
    const { session: fresh, decisionKey } = connectAnswer.parse(answer.json);
    // It left while it was asking: a session of the former Monitor must not be taken for one of the next.
    if (stopped) throw errors.down("the link was ended");
    trust(decisionKey);
    // Kept before it is used: whoever comes with an older one is taken for a second host.
    upstream.setSession(fresh);
    session = fresh;
    become("online", null);
    return fresh;
  }

  /** The first one is kept: a stolen Monitor must not be able to hand out another, nor after that one was taken away. */
  function trust(decisionKey: string): void {
    const joined = upstream.read();
    if (joined === null || joined.decisionKey === decisionKey) return;
    if (joined.refusedKeys?.includes(decisionKey))
      return log.warn("The key that the Monitor decides with was taken away here; see cortex trust list.");
    if (joined.decisionKey !== null)
      return log.warn(
        "The Monitor decides with another key; it is believed when the trusted one vouches for it.",
      );
    if ((joined.refusedKeys ?? []).length > 0)
      return log.warn("The key that decided was taken away here; join anew to trust another.");
    const data = { key: deciderName(decisionKey), monitor: joined.url };
    deps.beliefs.change({ kind: "deciding_key.trusted", actor: "monitor", data }, { ...joined, decisionKey });
  }

  async function exchange(wish: Partial<LinkRequest>, timeoutMs: number): Promise<LinkAnswer> {
    for (let tries = 0; ; tries += 1) {
      const inUse = session ?? (await connect());
      const body: LinkRequest = {
        envelopes: [],
        answers: [],
        running: inbox.running(),
        waitSeconds: 0,
        ...wish,
        session: inUse,
      };
      try {
        const answer = await ask("/api/v1/link", body, timeoutMs);
        if (stopped && status.state === "left") throw errors.down("the Monitor was left");
        become("online", null);
        return linkAnswer.parse(answer.json);
      } catch (error) {
        const isOver = isCortexError(error) && SIGN_ANEW.has(error.code);
        if (!isOver || tries > 0) throw error;
        if (session === inUse) session = null;
      }
    }
  }

  const take = (answer: LinkAnswer) => inbox.take(answer.commands);

  async function poll(): Promise<void> {
    const answers = inbox.unsent();
    const answer = await exchange({ answers, waitSeconds: POLL_SECONDS }, (POLL_SECONDS + 10) * 1000);
    inbox.sent(answers);
    take(answer);
  }

  /** Full jitter: a thousand nodes that lost the same Monitor come back one after the other. */
  function waitMs(): number {
    if (status.state === "revoked") return REVOKED_WAIT_MS;
    const cap = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 10));
    return deps.random() * cap;
  }

  function failed(error: unknown): void {
    if (stopped) return;
    failures += 1;
    session = null;
    const code = isCortexError(error) ? error.code : "";
    become(STATE_OF[code] ?? "unreachable", messageOf(error));
  }

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        await poll();
        failures = 0;
        await renewKey();
      } catch (error) {
        if (stopped) return;
        failed(error);
        await new Promise<void>((resolve) => {
          const cancel = clock.after(waitMs(), resolve);
          cancelWait = () => {
            cancel();
            resolve();
          };
        });
      }
    }
  }

  /** A new key when the old one is old, or when a change of keys was interrupted. */
  async function renewKey(): Promise<void> {
    const joined = upstream.read();
    if (joined === null) return;
    const isOld = clock.now() - joined.keySince > deps.rotateAfterMs();
    if (isOld || identity.hasNextKey()) await rotate();
  }

  /** One at a time: the poll that brings the wish for a new key ends while that key is being offered. */
  function rotate(): Promise<{ key: string }> {
    rotating ??= changeKeys().finally(() => {
      rotating = null;
    });
    return rotating;
  }

  async function changeKeys(): Promise<{ key: string }> {
    const inUse = session ?? (await connect());
    const next = identity.nextKey();
    const proof = next.sign(rotateBytes({ node: identity.nodeId, from: identity.keyId, to: next.id }));
    const publicKey = Buffer.from(next.publicKey).toString("base64");
    await ask("/api/v1/link/rotate", { session: inUse, publicKey, signature: proof }, TIMEOUT_MS);
    identity.useNextKey(next.id);
    const joined = upstream.read();
    if (joined !== null) upstream.write({ ...joined, keySince: clock.now() });
    log.info("This node has a new key.", { key: next.id });
    return { key: next.id };
  }

  return {
    status: () => ({ ...status }),
    rotate,
    async deliver(envelopes) {
      // Connecting, and its waiting, is the poll's: two of them would only double the knocking.
      if (status.state !== "online") throw errors.down(status.reason ?? "the Monitor is not reached yet");
      const fitting = firstThatFit(envelopes);
      if (fitting === 0) return refuseLarge(log, envelopes[0]!);
      try {
        const { handled } = await exchange({ envelopes: envelopes.slice(0, fitting) }, deliverMs);
        return { handled };
      } catch (error) {
        if (!isCortexError(error) || STATE_OF[error.code] === undefined) throw error;
        failed(error);
        throw errors.down(error.message, { cause: error });
      }
    },
    onCommand: (handler) => inbox.handle(handler),
    onUp: (listener) => {
      whenUp = listener;
    },
    start() {
      if (started) return;
      started = true;
      void run();
    },
    hurry() {
      deliverMs = STOPPING_MS;
    },
    stop,
    leave() {
      stop();
      session = null;
      become("left", "restart Cortex to take effect");
    },
  };

  function stop(): void {
    stopped = true;
    cancelWait();
  }
}
