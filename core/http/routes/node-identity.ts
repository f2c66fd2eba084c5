/** Who the nodes are: waiting for approval, let in, revoked; and the Monitor's own key. */
import * as z from "zod";
import { fingerprintWords } from "../../domain/node-key.ts";
import { notJoined } from "../../enrol/enrolment-errors.ts";
import { isoTime, nodeId, toIso } from "../../wire/envelope.ts";
import { keyId } from "../../wire/link-messages.ts";
import { defineRoute } from "../route.ts";
import type { Services } from "../services.ts";
import { actor, ask, DONE, done, named, pageOf } from "./common.ts";

const tags = ["enrolment"];
const params = z.strictObject({ id: nodeId });
type Params = z.infer<typeof params>;
const objects = ({ params: { id } }: { params: Params }) => named(id);
const manage = { permission: "nodes.manage", scope: "objects", recent: true } as const;

export const identityItem = z.strictObject({
  id: nodeId,
  name: z.string(),
  state: z.enum(["pending", "active", "quarantined", "revoked"]),
  words: z.string().describe("Fingerprint of the node's key; the node shows the same words"),
  key: keyId.nullable(),
  keySince: isoTime.nullable(),
  os: z.string(),
  arch: z.string(),
  version: z.string(),
  labels: z.record(z.string(), z.string()).describe("Given by the token"),
  group: z.string().nullable(),
  ip: z.string().describe("Address it joined from"),
  token: z.string(),
  requestedAt: isoTime,
  decidedAt: isoTime.nullable(),
  decidedBy: z.string().nullable(),
  reason: z.string().nullable(),
  recoveries: z.number().int().describe("How often a new key replaced a lost one"),
});
export type IdentityItem = z.infer<typeof identityItem>;

function shown({ enrol, monitor }: Services, id: string): IdentityItem | null {
  const row = enrol.nodes.get(id);
  if (row === null) return null;
  const key = enrol.nodes.keyOf(id);
  return {
    id,
    name: row.state === "pending" ? (row.fixedName ?? row.claimedName) : monitor.nodes.nameOf(id),
    state: row.state,
    words: key?.words ?? "",
    key: key?.id ?? null,
    keySince: key === null ? null : toIso(key.createdAt),
    ...row.facts,
    labels: row.labels,
    group: row.group,
    ip: row.ip,
    token: row.tokenId,
    requestedAt: toIso(row.requestedAt),
    decidedAt: row.decidedAt === null ? null : toIso(row.decidedAt),
    decidedBy: row.decidedBy,
    reason: row.reason,
    recoveries: row.recoveries,
  };
}

export const nodeIdentityRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/identity",
    access: { permission: "nodes.manage", scope: "tree" },
    operationId: "getIdentity",
    summary: "The Monitor's own key, as joining nodes show it",
    tags,
    response: z.strictObject({
      key: keyId,
      words: z.string(),
      node: nodeId.describe("The node inside this process"),
      fingerprint: z.string().nullable().describe("sha256 of the certificate or its key, where nodes pin it"),
    }),
    handler: ({ services: { enrol } }) => ({
      key: enrol.key.id,
      words: fingerprintWords(enrol.key.publicKey),
      node: enrol.localNode,
      fingerprint: enrol.serverFingerprint(),
    }),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/identities",
    access: { permission: "nodes.manage", scope: "filtered" },
    operationId: "listIdentities",
    summary: "Nodes that joined or want to, with the words of their keys; newest request first",
    tags,
    response: pageOf(identityItem),
    handler: ({ services, scope }) => ({
      items: services.enrol.nodes
        .all()
        .filter(({ nodeId: id }) => scope.has(id))
        .flatMap(({ nodeId: id }) => shown(services, id) ?? [])
        .toReversed(),
      next: null,
    }),
  }),
  defineRoute<Params>({
    method: "GET",
    path: "/api/v1/nodes/:id/identity",
    access: { permission: "nodes.manage", scope: "objects" },
    objects,
    operationId: "getNodeIdentity",
    summary: "Who a node is",
    tags,
    params,
    response: identityItem,
    handler({ services, params: { id } }) {
      const item = shown(services, id);
      if (item === null) throw notJoined();
      return item;
    },
  }),
  defineRoute<Params, Record<string, never>, { name?: string | undefined }>({
    method: "POST",
    path: "/api/v1/nodes/:id/approve",
    access: manage,
    objects,
    operationId: "approveNode",
    summary: "Let a waiting node in, after comparing the words",
    tags,
    params,
    body: z.strictObject({
      name: z.string().min(1).max(255).optional().describe("Another name than the one it gave itself"),
    }),
    response: done,
    handler({ services, principal, params: { id }, body }) {
      services.enrol.nodes.approve(id, body.name ?? null, principal);
      return DONE;
    },
  }),
  defineRoute<Params>({
    method: "POST",
    path: "/api/v1/nodes/:id/reject",
    access: { permission: "nodes.manage", scope: "objects" },
    objects,
    operationId: "rejectNode",
    summary: "Turn a waiting node away",
    tags,
    params,
    response: done,
    handler({ services, principal, params: { id } }) {
      services.enrol.nodes.reject(id, principal);
      return DONE;
    },
  }),
  defineRoute<Params, Record<string, never>, { reason: string }>({
    method: "POST",
    path: "/api/v1/nodes/:id/revoke",
    access: { permission: "nodes.manage", scope: "objects" },
    objects,
    operationId: "revokeNode",
    summary: "Shut a node out, at once and for ever",
    tags,
    params,
    body: z.strictObject({ reason: z.string().min(1).max(500) }),
    response: done,
    handler({ services, principal, params: { id }, body }) {
      services.enrol.nodes.revoke(id, body.reason, principal);
      return DONE;
    },
  }),
  defineRoute<Params>({
    method: "POST",
    path: "/api/v1/nodes/:id/release",
    access: manage,
    objects,
    operationId: "releaseNode",
    summary: "Take a node out of quarantine, after the second host with its key was stopped",
    tags,
    params,
    response: done,
    handler({ services, principal, params: { id } }) {
      services.enrol.nodes.release(id, principal);
      return DONE;
    },
  }),
  defineRoute<Params>({
    method: "POST",
    path: "/api/v1/nodes/:id/rotate",
    access: { permission: "nodes.manage", scope: "objects" },
    objects,
    operationId: "rotateNodeKey",
    summary: "Ask a node to give itself a new key",
    tags,
    params,
    response: done,
    async handler({ services, principal, params: { id } }) {
      await ask(services, id, { type: "key.rotate", actor: actor(principal) });
      return DONE;
    },
  }),
];
