/**
 * Signed requests of nodes: who sent this, is it meant for this Monitor, was it here before? And the Monitor's signature under
 * the answer. Nothing that fails here changes anything but a counter.
 */
import { type Clock, defineErrors, type Principal } from "cortex";
import type { Audit } from "../access/audit.ts";
import { answerBytes, requestBytes, type SignedRequest } from "../domain/signing.ts";
import { verifySignature } from "../store/key-file.ts";
import { addSeq, type SeqRanges } from "../store/monitor/inbox.repository.ts";
import type { NodeKeyRow } from "../store/monitor/enrolment.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import { SIGNATURE_SCHEME } from "../wire/link-messages.ts";
import type { MonitorKey } from "./key.ts";

export const messageErrors = defineErrors("node", {
  signature: "unauthenticated",
  clock: "unauthenticated",
  replayed: "conflict",
  pending: "forbidden",
  quarantined: "forbidden",
  revoked: "forbidden",
  key_retired: "forbidden",
});

/** A message older or younger than this was held back on its way, or its node's clock is wrong. */
const CLOCK_WINDOW_MS = 300_000;
/** Nodes whose numbers are kept in memory; of the others they are read from the table. */
const CACHED_RANGES = 20_000;

export interface RawRequest {
  method: string;
  /** Path and query. */
  target: string;
  /** Value of the Authorization header. */
  authorization: string;
  body: Uint8Array;
}

/** What the signature says about the message. */
export interface MessageStamp {
  epoch: number;
  seq: number;
  ts: number;
  key: string;
}

export interface Messages {
  /** Whether the header is a signature at all. */
  isSigned(authorization: string): boolean;
  /**
   * The node that signed. Its number is on the disk when this resolves, so that the same request never counts again. Errors:
   * those of `node.*`.
   */
  verify(request: RawRequest): Promise<Principal>;
  /** The stamp of a principal that `verify` returned; null for a node that came with an API key. */
  stampOf(principal: Principal): MessageStamp | null;
  /** Signature under an answer to the request with this Authorization header. */
  signAnswer(authorization: string, status: number, body: Uint8Array): { signature: string; ts: number };
  counters: Record<"taken" | "refused", number>;
}

export interface MessagesDeps {
  clock: Clock;
  store: MonitorStore;
  audit: Audit;
  key: MonitorKey;
  nameOf: (nodeId: string) => string;
  /** Only for a control of the tests: what happens without the guard. */
  unguarded?: { signature?: boolean; replay?: boolean };
}

const HEADER =
  /^Cortex-Ed25519 node=(n_[a-z2-7]{26}), key=(k_[a-z2-7]{26}), to=(k_[a-z2-7]{26}), epoch=(\d{1,15}), seq=(\d{1,15}), ts=(\d{1,15}), sig=([A-Za-z0-9+/]{86}==)$/;

export function createMessages(deps: MessagesDeps): Messages {
  const { clock, store, audit, key, unguarded = {} } = deps;
  const { keys, nodes, requests } = store.enrolment;
  const counters = { taken: 0, refused: 0 };
  const stamps = new WeakMap<Principal, MessageStamp>();
  const seen = new Map<string, SeqRanges>();
  let unsaved = new Map<string, SeqRanges>();
  let saving: PromiseWithResolvers<void> | null = null;

  /** The same answer for an unknown node, an unknown key, a wrong signature and another Monitor's message. */
  const notHere = () =>
    messageErrors.signature("this message is not signed by a node of this Monitor; join again: cortex join");

  function senderOf(authorization: string, request: RawRequest): { message: SignedRequest; key: NodeKeyRow } {
    const parts = HEADER.exec(authorization);
    if (parts === null) throw notHere();
    const [, node, keyId, to, epoch, seq, ts, signature] = parts as unknown as string[];
    // One text per signature: base64 has spare bits at its end.
    if (Buffer.from(signature!, "base64").toString("base64") !== signature) throw notHere();
    const stored = keys.get(keyId!);
    if (stored === null || stored.nodeId !== node || to !== key.id) throw notHere();
    const message: SignedRequest = {
      method: request.method,
      target: request.target,
      body: request.body,
      node: stored.nodeId,
      key: stored.id,
      to: key.id,
      epoch: Number(epoch),
      seq: Number(seq),
      ts: Number(ts),
    };
    const publicKey = Buffer.from(stored.publicKey, "base64");
    if (!unguarded.signature && !verifySignature(publicKey, requestBytes(message), signature!))
      throw notHere();
    return { message, key: stored };
  }

  function assertMaySpeak(sender: NodeKeyRow): void {
    const state = nodes.get(sender.nodeId)?.state;
    if (state === undefined) throw notHere();
    if (state === "revoked" || sender.state === "revoked")
      throw messageErrors.revoked("this node was revoked; its Monitor takes nothing from it any more");
    if (state === "pending")
      throw messageErrors.pending("this node waits for approval: cortex nodes approve, on the Monitor");
    if (state === "quarantined")
      throw messageErrors.quarantined("two hosts use this node's key; on the Monitor: cortex nodes release");
    if (sender.state === "retired")
      throw messageErrors.key_retired("this key was replaced by a newer one; a copy of it is worth nothing");
  }

  /** A number is taken in memory at once and on the disk with all others of this turn. */
  function claim({ node, epoch, seq }: SignedRequest): Promise<void> {
    const place = `${node} ${epoch}`;
    const next = addSeq(unsaved.get(place) ?? seen.get(place) ?? requests.seen(node, epoch), seq);
    if (next === null) {
      if (unguarded.replay) return Promise.resolve();
      throw messageErrors.replayed("this message was here before; it changes nothing");
    }
    unsaved.set(place, next);
    remember(place, next);
    if (saving === null) {
      saving = Promise.withResolvers();
      setImmediate(save);
    }
    return saving.promise;
  }

  function save(): void {
    const done = saving!;
    const batch = unsaved;
    saving = null;
    unsaved = new Map();
    try {
      store.transaction(() => {
        for (const [place, ranges] of batch) {
          const [node, epoch] = place.split(" ");
          requests.putSeen(node!, Number(epoch), ranges);
        }
      });
      done.resolve();
    } catch (error) {
      for (const place of batch.keys()) seen.delete(place);
      done.reject(error);
    }
  }

  function remember(place: string, ranges: SeqRanges): void {
    seen.delete(place);
    seen.set(place, ranges);
    if (seen.size > CACHED_RANGES) seen.delete(seen.keys().next().value!);
  }

  /** The first message with a new key ends the old one. */
  function promote(sender: NodeKeyRow): void {
    store.transaction(() => {
      const now = clock.now();
      for (const old of keys.ofNode(sender.nodeId))
        if (old.state === "current") keys.setState(old.id, "retired", now);
      keys.setState(sender.id, "current", now);
      audit("node.rotated", `node:${sender.nodeId}`, { node: sender.nodeId, key: sender.id });
    });
  }

  async function verify(request: RawRequest): Promise<Principal> {
    const { message, key: sender } = senderOf(request.authorization, request);
    assertMaySpeak(sender);
    if (Math.abs(clock.now() - message.ts) > CLOCK_WINDOW_MS)
      throw messageErrors.clock("this message is more than five minutes off; ask for the time and sign anew");
    await claim(message);
    // It may have been shut out while its number was written.
    assertMaySpeak(sender);
    if (sender.state === "next") promote(sender);
    counters.taken += 1;
    const { node } = message;
    const principal: Principal = {
      kind: "node",
      id: node,
      name: deps.nameOf(node),
      role: "node",
      grants: [],
      nodeId: node,
    };
    stamps.set(principal, { epoch: message.epoch, seq: message.seq, ts: message.ts, key: sender.id });
    return principal;
  }

  return {
    counters,
    isSigned: (authorization) => authorization.startsWith(`${SIGNATURE_SCHEME} `),
    async verify(request) {
      try {
        return await verify(request);
      } catch (error) {
        counters.refused += 1;
        throw error;
      }
    },
    stampOf: (principal) => stamps.get(principal) ?? null,
    signAnswer(authorization, status, body) {
      const ts = clock.now();
      const request = HEADER.exec(authorization)?.[7] ?? "";
      return { signature: key.sign(answerBytes({ request, status, body, key: key.id, ts })), ts };
    },
  };
}
