/**
 * Which nodes belong to this Monitor: asking to join, approval, revocation, quarantine. A node that nobody let in yet gets
 * nothing and changes nothing but its own row; one that was revoked never comes back, neither by id nor by key.
 */
import { type Clock, defineErrors, type Log, type Principal } from "cortex";
import { actorOf, type Audit } from "../access/audit.ts";
import { createBuckets } from "../access/rate-limit.ts";
import { sha256 } from "../access/secrets.ts";
import { fingerprintWords, keyIdOf, nodeIdOf } from "../domain/node-key.ts";
import { enrolBytes, rotateBytes } from "../domain/signing.ts";
import type { Monitor } from "../monitor/monitor.ts";
import { verifySignature } from "../store/key-file.ts";
import type { EnrolmentRow, JoinTokenRow } from "../store/monitor/enrolment.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { EnrolAnswer, EnrolRequest, HelloAnswer } from "../wire/link-messages.ts";
import { createHello } from "./hello.ts";
import { conflictProblem, recoveryProblem } from "./identity-problems.ts";
import type { MonitorKey } from "./key.ts";

export const enrolErrors = defineErrors("enrol", {
  token: "unauthenticated",
  too_many: "unavailable",
  nonce: "invalid",
  signature: "unauthenticated",
  name_taken: "conflict",
  full: "unavailable",
  revoked: "forbidden",
  quarantined: "forbidden",
  other_node: "forbidden",
  not_joined: "conflict",
  not_pending: "conflict",
  not_quarantined: "conflict",
  local_node: "conflict",
});

/** Failed tries per address: a token can't be guessed, and whoever tries shall not keep the Monitor busy. */
const FAILURES = { perMinute: 5, burst: 5 };

export interface EnrolmentLimits {
  /** Nodes that wait for approval, at most. */
  maxPending: number;
  /** They are forgotten after this time, ms. */
  pendingMs: number;
}

export interface EnrolmentDeps {
  clock: Clock;
  log: Log;
  store: MonitorStore;
  monitor: Monitor;
  audit: Audit;
  newId: () => string;
  key: MonitorKey;
  /** The node inside this process; it needs no enrolment and can't be revoked. */
  localNode: string;
  limits: () => EnrolmentLimits;
  /** A node may not speak any more: what it has open is closed. */
  onShut: (nodeId: string) => void;
}

export interface Enrolment {
  hello(clientNonce: string): HelloAnswer;
  enrol(request: EnrolRequest, ip: string): EnrolAnswer;
  get(nodeId: string): EnrolmentRow | null;
  all(): EnrolmentRow[];
  /** Words of the key in use, and when it began; null where there is none. */
  keyOf(nodeId: string): { id: string; words: string; createdAt: number; recoveries: number } | null;
  approve(nodeId: string, name: string | null, by: Principal): void;
  reject(nodeId: string, by: Principal): void;
  revoke(nodeId: string, reason: string, by: Principal): void;
  /** Two hosts use one key, as far as can be told: neither is believed. */
  quarantine(nodeId: string, reason: string): void;
  release(nodeId: string, by: Principal): void;
  /** A new key for a node, proven by both; it counts from its first message on, and the old one until then. */
  rotate(nodeId: string, from: string, publicKey: string, signature: string): void;
  /** Forget who waited too long. */
  tidy(): void;
}

export function createEnrolment(deps: EnrolmentDeps): Enrolment {
  const { clock, log, store, monitor, audit, key } = deps;
  const { nodes, keys, tokens } = store.enrolment;
  const hello = createHello(clock, key);
  const failures = createBuckets(clock, FAILURES);

  /** The same answer, whatever is wrong with a token. */
  function refuseToken(ip: string): Error {
    failures.take(ip);
    return enrolErrors.token("this token is not valid (any more); ask for a new one: cortex token create");
  }

  function required(nodeId: string): EnrolmentRow {
    if (nodeId === deps.localNode)
      throw enrolErrors.local_node(
        "this node runs inside the Monitor itself; it did not join and can't be sent away",
      );
    const row = nodes.get(nodeId);
    if (row === null) throw notJoined();
    return row;
  }

  /** Live nodes share no name: people approve repairs by it. */
  function assertNameIsFree(name: string, nodeId: string): void {
    if (monitor.nodes.bearerOf(name, nodeId) !== null)
      throw enrolErrors.name_taken(
        "another node has this name; join with --name NAME, or, if it is the same machine with a new key, ask for a recovery " +
          "token: cortex token create --node ID",
      );
  }

  /** The row as it is after a valid join; inside the transaction that spends the token. */
  function admit(request: EnrolRequest, token: JoinTokenRow, ip: string): EnrolmentRow {
    const publicKey = Buffer.from(request.publicKey, "base64");
    const keyId = keyIdOf(publicKey);
    const known = keys.get(keyId);
    const nodeId = known?.nodeId ?? token.nodeId ?? nodeIdOf(publicKey);
    const before = nodes.get(nodeId);
    if (known?.state === "revoked" || known?.state === "retired" || before?.state === "revoked")
      throw enrolErrors.revoked(
        "this key was revoked, which is for ever; move keys/node.key away to join as a new node",
      );
    if (token.nodeId !== null && token.nodeId !== nodeId)
      throw enrolErrors.other_node("this token is for another node; ask for one of your own");
    const isRecovery = known === null && before !== null;
    if (isRecovery && token.nodeId === null)
      throw enrolErrors.revoked(
        "this id belongs to another key; move keys/node.key away to join as a new node",
      );
    if (before?.state === "quarantined" && !isRecovery)
      throw enrolErrors.quarantined("two hosts used this key; see `cortex nodes release`");
    const fixedName = token.name ?? before?.fixedName ?? null;
    assertNameIsFree(fixedName ?? request.facts.name, nodeId);
    const now = clock.now();
    const isLetIn = token.autoApprove || (before?.state === "active" && !isRecovery);
    if (!isLetIn && before === null && nodes.pending() >= deps.limits().maxPending)
      throw enrolErrors.full("too many nodes wait for approval; approve or reject some first: cortex nodes");
    if (isRecovery) keys.revokeAll(nodeId, now);
    if (known === null) {
      const publicText = request.publicKey;
      keys.put({ id: keyId, nodeId, publicKey: publicText, state: "current", createdAt: now, endedAt: null });
    }
    const { name, ...facts } = request.facts;
    const row: EnrolmentRow = {
      nodeId,
      state: isLetIn ? "active" : "pending",
      claimedName: name,
      fixedName,
      labels: { ...before?.labels, ...token.labels },
      group: token.group ?? before?.group ?? null,
      facts,
      tokenId: token.id,
      ip,
      requestedAt: now,
      decidedAt: isLetIn ? now : null,
      decidedBy: isLetIn ? `token:${token.id}` : null,
      reason: null,
      session: null,
      nextSession: null,
      connectTs: before?.connectTs ?? 0,
      recoveries: (before?.recoveries ?? 0) + (isRecovery ? 1 : 0),
    };
    nodes.put(row);
    const told = { node: nodeId, name: fixedName ?? name, key: keyId, token: token.id, ip };
    audit(isRecovery ? "node.recovered" : "node.enrolled", `node:${nodeId}`, { ...told, state: row.state });
    return row;
  }

  function enrol(request: EnrolRequest, ip: string): EnrolAnswer {
    const waitMs = failures.peek(ip);
    if (waitMs > 0)
      throw enrolErrors.too_many("too many tries from this address; wait a minute", {
        details: { retryAfterMs: waitMs },
      });
    if (!hello.isFresh(request.nonce))
      throw enrolErrors.nonce("this greeting is too old; run the join command again");
    const tokenHash = sha256(request.token);
    const publicKey = Buffer.from(request.publicKey, "base64");
    const signed = enrolBytes({ nonce: request.nonce, monitorKey: key.id, tokenHash });
    if (!verifySignature(publicKey, signed, request.signature)) {
      failures.take(ip);
      throw enrolErrors.signature("the node did not prove that it holds its key; run the join command again");
    }
    const row = store.transaction(() => {
      const token = tokens.consume(tokenHash, clock.now());
      if (token === null) throw refuseToken(ip);
      const admitted = admit(request, token, ip);
      monitor.nodes.enrolled(admitted.nodeId, nameOf(admitted), stateShown(admitted));
      return admitted;
    });
    deps.onShut(row.nodeId);
    if (row.recoveries > 0 && row.state === "pending")
      monitor.raise(row.nodeId, recoveryProblem(row, clock.now()));
    log.info("A node asked to join.", { node: row.nodeId, state: row.state, ip });
    return {
      node: row.nodeId,
      state: row.state === "active" ? "active" : "pending",
      words: fingerprintWords(publicKey),
    };
  }

  function decide(nodeId: string, by: Principal, change: Partial<EnrolmentRow>): EnrolmentRow {
    nodes.change(nodeId, { ...change, decidedAt: clock.now(), decidedBy: actorOf(by) });
    const row = nodes.get(nodeId)!;
    monitor.nodes.enrolled(nodeId, nameOf(row), stateShown(row));
    return row;
  }

  return {
    hello: (clientNonce) => hello.answer(clientNonce),
    enrol,
    get: (nodeId) => nodes.get(nodeId),
    all: () => nodes.all(),
    keyOf(nodeId) {
      const inUse = keys.ofNode(nodeId).findLast((one) => one.state === "current");
      if (inUse === undefined) return null;
      const words = fingerprintWords(Buffer.from(inUse.publicKey, "base64"));
      const recoveries = nodes.get(nodeId)?.recoveries ?? 0;
      return { id: inUse.id, words, createdAt: inUse.createdAt, recoveries };
    },
    approve(nodeId, name, by) {
      const row = required(nodeId);
      if (row.state !== "pending") throw enrolErrors.not_pending("this node does not wait for approval");
      if (name !== null || row.fixedName === null) assertNameIsFree(name ?? row.claimedName, nodeId);
      store.transaction(() => {
        decide(nodeId, by, { state: "active", ...(name === null ? {} : { fixedName: name }) });
        audit("node.approved", actorOf(by), {
          node: nodeId,
          name: name ?? nameOf(row),
          key: keysInUse(nodeId),
        });
      });
      if (row.recoveries > 0)
        monitor.raise(nodeId, recoveryProblem(row, clock.now(), "the new key was approved"));
    },
    reject(nodeId, by) {
      const row = required(nodeId);
      if (row.state !== "pending") throw enrolErrors.not_pending("this node does not wait for approval");
      // One that was in before keeps its history; the key that was not wanted is gone.
      if (row.recoveries > 0) return shutOut(row, "its new key was rejected", by, "node.rejected");
      store.transaction(() => {
        forget(nodeId);
        audit("node.rejected", actorOf(by), { node: nodeId, name: nameOf(row) });
      });
      deps.onShut(nodeId);
    },
    revoke(nodeId, reason, by) {
      const row = required(nodeId);
      if (row.state === "revoked") return;
      shutOut(row, reason, by, "node.revoked");
    },
    quarantine(nodeId, reason) {
      const row = nodes.get(nodeId);
      if (row === null || row.state !== "active") return;
      store.transaction(() => {
        nodes.change(nodeId, { state: "quarantined", reason });
        monitor.nodes.enrolled(nodeId, nameOf(row), "quarantined");
        audit("node.quarantined", "monitor", { node: nodeId, reason });
      });
      log.warn("A node was put into quarantine.", { node: nodeId, reason });
      deps.onShut(nodeId);
      monitor.raise(nodeId, conflictProblem(row, clock.now(), reason));
    },
    release(nodeId, by) {
      const row = required(nodeId);
      if (row.state !== "quarantined") throw enrolErrors.not_quarantined("this node is not in quarantine");
      store.transaction(() => {
        // Whoever comes first gets the next session; a second one with the same key is seen again.
        decide(nodeId, by, { state: "active", reason: null, session: null, nextSession: null });
        audit("node.released", actorOf(by), { node: nodeId });
      });
      monitor.raise(nodeId, conflictProblem(row, clock.now(), row.reason ?? "", "released"));
    },
    rotate(nodeId, from, publicText, signature) {
      const publicKey = Buffer.from(publicText, "base64");
      const to = keyIdOf(publicKey);
      if (!verifySignature(publicKey, rotateBytes({ node: nodeId, from, to }), signature))
        throw enrolErrors.signature("the node did not prove that it holds the new key");
      const known = keys.get(to);
      // Asked again after a lost answer.
      if (known?.nodeId === nodeId && known.state === "next") return;
      if (known !== null) throw enrolErrors.revoked("this key was in use before; make a new one");
      store.transaction(() => {
        const now = clock.now();
        for (const one of keys.ofNode(nodeId))
          if (one.state === "next") keys.setState(one.id, "revoked", now);
        keys.put({ id: to, nodeId, publicKey: publicText, state: "next", createdAt: now, endedAt: null });
        audit("node.key_offered", `node:${nodeId}`, { node: nodeId, from, to });
      });
    },
    tidy() {
      const until = clock.now() - deps.limits().pendingMs;
      const old = nodes
        .all()
        .filter((row) => row.state === "pending" && row.recoveries === 0 && row.requestedAt < until);
      if (old.length === 0) return;
      store.transaction(() => {
        for (const { nodeId } of old) {
          forget(nodeId);
          audit("node.expired", "monitor", { node: nodeId });
        }
      });
    },
  };

  function shutOut(
    row: EnrolmentRow,
    reason: string,
    by: Principal,
    kind: "node.revoked" | "node.rejected",
  ): void {
    const { nodeId } = row;
    store.transaction(() => {
      keys.revokeAll(nodeId, clock.now());
      decide(nodeId, by, { state: "revoked", reason });
      for (const bound of store.access.keys.all().filter((one) => one.nodeId === nodeId))
        store.access.keys.remove(bound.id);
      audit(kind, actorOf(by), { node: nodeId, name: nameOf(row), reason });
    });
    deps.onShut(nodeId);
    monitor.closeProblems(nodeId, "the node was revoked");
  }

  function forget(nodeId: string): void {
    keys.removeOfNode(nodeId);
    nodes.remove(nodeId);
    monitor.nodes.forget(nodeId);
  }

  function keysInUse(nodeId: string): string[] {
    return keys.ofNode(nodeId).flatMap((one) => (one.state === "current" ? [one.id] : []));
  }
}

export const notJoined = () =>
  enrolErrors.not_joined(
    "this node did not join with a token: it runs inside the Monitor, or uses an API key",
  );

const nameOf = (row: EnrolmentRow): string => row.fixedName ?? row.claimedName;

/** Let in, a node is offline until it is heard. */
const stateShown = ({ state }: EnrolmentRow) => (state === "active" ? "offline" : state);
