/** Asking to join: the token is spent, the key is proven, and the node waits or is in. */
import { type Clock, type Log } from "cortex";
import type { Audit } from "../access/audit.ts";
import { createBuckets } from "../access/rate-limit.ts";
import { sha256 } from "../access/secrets.ts";
import { fingerprintWords, keyIdOf, nodeIdOf } from "../domain/node-key.ts";
import { enrolBytes } from "../domain/signing.ts";
import type { Monitor } from "../monitor/monitor.ts";
import { verifySignature } from "../store/key-file.ts";
import type { EnrolmentRow, JoinTokenRow } from "../store/monitor/enrolment.schema.ts";
import type { MonitorStore } from "../store/monitor/store.ts";
import type { EnrolAnswer, EnrolRequest } from "../wire/link-messages.ts";
import { enrolErrors } from "./enrolment-errors.ts";
import type { Hello } from "./hello.ts";
import { recoveryProblem } from "./identity-problems.ts";
import type { MonitorKey } from "./key.ts";

/** Failed tries per address: a token can't be guessed, and whoever tries shall not keep the Monitor busy. */
const FAILURES = { perMinute: 5, burst: 5 };

export interface AdmissionDeps {
  clock: Clock;
  log: Log;
  store: MonitorStore;
  monitor: Monitor;
  audit: Audit;
  key: MonitorKey;
  hello: Hello;
  maxPending: () => number;
  onShut: (nodeId: string) => void;
}

export type Admission = ReturnType<typeof createAdmission>;

/** Errors: those of `enrol.*`. */
export function createAdmission(deps: AdmissionDeps) {
  const { clock, log, store, monitor, audit, key, hello } = deps;
  const { nodes, keys, tokens } = store.enrolment;
  const failures = createBuckets(clock, FAILURES);

  /** The same answer, whatever is wrong with a token. */
  function refuseToken(ip: string): Error {
    failures.take(ip);
    return enrolErrors.token("this token is not valid (any more); ask for a new one: cortex token create");
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
    if (!isLetIn && before === null && nodes.pending() >= deps.maxPending())
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

  return { enrol, assertNameIsFree };
}

export const nameOf = (row: EnrolmentRow): string => row.fixedName ?? row.claimedName;

/** Let in, a node is offline until it is heard. */
export const stateShown = ({ state }: EnrolmentRow) => (state === "active" ? "offline" : state);
