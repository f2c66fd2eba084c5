/**
 * Which nodes belong to this Monitor: approval, revocation, quarantine, new keys. A node that nobody let in yet gets
 * nothing and changes nothing but its own row; one that was revoked never comes back, neither by id nor by key.
 */
import { type Clock, type Log, type Principal } from "cortex";
import { actorOf, type Audit } from "../access/audit.ts";
import { fingerprintWords, keyIdOf } from "../domain/node-key.ts";
import { rotateBytes } from "../domain/signing.ts";
import type { Monitor } from "../monitor/monitor.ts";
import { verifySignature } from "../store/key-file.ts";
import type { EnrolmentRow } from "../store/monitor/enrolment.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { EnrolAnswer, EnrolRequest, HelloAnswer } from "../wire/link-messages.ts";
import { createAdmission, nameOf, stateShown } from "./admission.ts";
import { enrolErrors, notJoined } from "./enrolment-errors.ts";
import { createHello } from "./hello.ts";
import { conflictProblem, recoveryProblem } from "./identity-problems.ts";
import type { MonitorKey } from "./key.ts";

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
  const { clock, log, store, monitor, audit } = deps;
  const { nodes, keys } = store.enrolment;
  const hello = createHello(clock, deps.key);
  const { enrol, assertNameIsFree } = createAdmission({
    ...deps,
    hello,
    maxPending: () => deps.limits().maxPending,
  });

  function required(nodeId: string): EnrolmentRow {
    if (nodeId === deps.localNode)
      throw enrolErrors.local_node(
        "this node runs inside the Monitor itself; it did not join and can't be sent away",
      );
    const row = nodes.get(nodeId);
    if (row === null) throw notJoined();
    return row;
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
