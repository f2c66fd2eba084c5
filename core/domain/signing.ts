/**
 * What nodes and Monitors sign, as bytes. Every field has its length in front (`lp` = u32 ‖ bytes), so that no two messages
 * share a text; every kind of statement has a name of its own in front, so that none passes for another.
 */
import { createHash } from "node:crypto";

/** One request of a node. */
export interface SignedRequest {
  method: string;
  /** Path and query as in the URL; the query is sorted here. */
  target: string;
  body: Uint8Array;
  node: string;
  /** The key that signs, `k_…`. */
  key: string;
  /** The key of the Monitor it is meant for: to another one it is worth nothing. */
  to: string;
  /** Starts of the node; durable before use. */
  epoch: number;
  /** Strictly increasing within an epoch. */
  seq: number;
  /** Epoch ms, by the Monitor's clock as the node knows it. */
  ts: number;
}

export const requestBytes = (request: SignedRequest): Uint8Array =>
  statement("cortex.msg.v1", [
    request.method,
    sortedTarget(request.target),
    sha256(request.body),
    request.node,
    request.key,
    request.to,
    u64(request.epoch),
    u64(request.seq),
    u64(request.ts),
  ]);

/** An answer of a Monitor: bound to the request by its signature, so that it answers nothing else. */
export const answerBytes = (answer: {
  request: string;
  status: number;
  body: Uint8Array;
  /** The Monitor's key. */
  key: string;
  ts: number;
}): Uint8Array =>
  statement("cortex.answer.v1", [
    answer.request,
    u64(answer.status),
    sha256(answer.body),
    answer.key,
    u64(answer.ts),
  ]);

/** First contact: the Monitor proves that it holds its key, over a nonce of the node's own choice. */
export const helloBytes = (hello: {
  key: string;
  clientNonce: string;
  nonce: string;
  ts: number;
}): Uint8Array => statement("cortex.hello.v1", [hello.key, hello.clientNonce, hello.nonce, u64(hello.ts)]);

/** The node proves that it holds the key it enrols, for this Monitor, this hello and this token. */
export const enrolBytes = (enrol: { nonce: string; monitorKey: string; tokenHash: string }): Uint8Array =>
  statement("cortex.enrol.v1", [enrol.nonce, enrol.monitorKey, enrol.tokenHash]);

/** Signed with the new key; the message around it is signed with the old one. */
export const rotateBytes = (rotation: { node: string; from: string; to: string }): Uint8Array =>
  statement("cortex.rotate.v1", [rotation.node, rotation.from, rotation.to]);

/** `/a?b=2&a=1` → `/a?a=1&b=2`: intermediaries may reorder. */
export function sortedTarget(target: string): string {
  const at = target.indexOf("?");
  if (at === -1) return target;
  return `${target.slice(0, at)}?${target
    .slice(at + 1)
    .split("&")
    .toSorted()
    .join("&")}`;
}

function statement(name: string, fields: (string | Uint8Array)[]): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from(`${name}\0`)];
  for (const field of fields) {
    const bytes = typeof field === "string" ? Buffer.from(field) : field;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}

const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

function u64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
