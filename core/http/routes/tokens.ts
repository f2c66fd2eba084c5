import * as z from "zod";
import { keyHashOf } from "../../domain/node-key.ts";
import { MAX_TTL_MS, MAX_USES } from "../../enrol/tokens.ts";
import type { JoinTokenRow } from "../../store/monitor/enrolment.schema.ts";
import { encodeJoinString } from "../../wire/join-string.ts";
import { isoTime, nodeId, toIso } from "../../wire/envelope.ts";
import { hostOf, parseListen } from "../door/origin.ts";
import { type Call, defineRoute } from "../route.ts";
import { DONE, done, pageOf } from "./common.ts";

const tags = ["enrolment"];
const HOUR_SECONDS = 3600;
const label = z.string().min(1).max(100);

export const tokenItem = z.strictObject({
  id: z.string(),
  name: z.string().nullable().describe("Name of the node that joins with it"),
  labels: z.record(z.string(), z.string()),
  group: z.string().nullable(),
  autoApprove: z.boolean(),
  node: z.string().nullable().describe("Recovery: only for this node"),
  uses: z.number().int(),
  used: z.number().int(),
  state: z.enum(["open", "spent", "expired"]),
  createdBy: z.string(),
  createdAt: isoTime,
  expiresAt: isoTime,
});
export type TokenItem = z.infer<typeof tokenItem>;

const shown = (token: JoinTokenRow, now: number): TokenItem => ({
  id: token.id,
  name: token.name,
  labels: token.labels,
  group: token.group,
  autoApprove: token.autoApprove,
  node: token.nodeId,
  uses: token.uses,
  used: token.used,
  state: token.used >= token.uses ? "spent" : token.expiresAt <= now ? "expired" : "open",
  createdBy: token.createdBy,
  createdAt: toIso(token.createdAt),
  expiresAt: toIso(token.expiresAt),
});

/** Where nodes will find this Monitor: as configured, as the browser found it, or where it listens. */
function addressOf({ services, request }: Pick<Call, "services" | "request">): string {
  const { public_url: configured, listen } = services.server();
  if (configured !== undefined) return configured;
  const origin = request.headers.get("origin");
  if (origin !== null) return origin;
  const url = new URL(request.url);
  const host = hostOf(request);
  if (host !== "localhost") return `${url.protocol}//${host}`;
  const at = parseListen(listen);
  const name = at === null || ["0.0.0.0", "::"].includes(at.host) ? services.hostName : at.host;
  return `${services.tls() ? "https" : "http"}://${name.includes(":") ? `[${name}]` : name}:${at?.port ?? 7600}`;
}

export const tokenRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/tokens",
    access: { permission: "nodes.manage", scope: "tree" },
    operationId: "listJoinTokens",
    summary: "Join tokens, without their secrets",
    tags,
    response: pageOf(tokenItem),
    handler: ({ services }) => ({
      items: services.enrol.tokens.all().map((token) => shown(token, services.clock.now())),
      next: null,
    }),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/tokens",
    access: { permission: "nodes.manage", scope: "tree", recent: true },
    operationId: "createJoinToken",
    summary: "Make a join token; the join string is in this answer only",
    tags,
    body: z.strictObject({
      ttlSeconds: z
        .number()
        .int()
        .min(60)
        .max(MAX_TTL_MS / 1000)
        .optional()
        .describe("Default one hour, at most 24"),
      uses: z.number().int().min(1).max(MAX_USES).optional().describe("Default 1"),
      name: z.string().min(1).max(255).optional().describe("Name of the node, above what it calls itself"),
      labels: z
        .record(label, z.string().max(500))
        .optional()
        .describe("Added to what the node says of itself"),
      group: label.optional(),
      autoApprove: z.boolean().optional().describe("Let the node in without anybody looking"),
      node: nodeId.optional().describe("Recovery: a new key for this node, and for no other"),
      url: z
        .url({ protocol: /^https?$/ })
        .max(500)
        .optional()
        .describe("How the node will reach this Monitor; default as this request did"),
      fingerprint: z
        .string()
        .regex(/^([0-9a-fA-F]{2}:?){32}$/)
        .optional()
        .describe(
          "sha256 of the certificate or key of a proxy in front, where no public authority signed it",
        ),
    }),
    response: tokenItem.extend({
      join: z.string().describe("The join string; not shown again"),
      command: z.string().describe("What to run on the node"),
    }),
    status: 201,
    handler(call) {
      const { services, principal, body } = call;
      const { enrol, clock } = services;
      const { token, secret } = enrol.tokens.create(
        {
          ttlMs: (body.ttlSeconds ?? HOUR_SECONDS) * 1000,
          uses: body.uses ?? 1,
          name: body.name ?? null,
          labels: body.labels ?? {},
          group: body.group ?? null,
          autoApprove: body.autoApprove ?? false,
          nodeId: body.node ?? null,
        },
        principal,
      );
      const join = encodeJoinString({
        url: new URL(body.url ?? addressOf(call)).href,
        keyHash: keyHashOf(enrol.key.publicKey),
        secret,
        expiresAt: token.expiresAt,
        server: body.fingerprint?.replaceAll(":", "").toLowerCase() ?? enrol.serverFingerprint(),
      });
      return { ...shown(token, clock.now()), join, command: `cortex join ${join}` };
    },
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/tokens/:id",
    access: { permission: "nodes.manage", scope: "tree" },
    operationId: "revokeJoinToken",
    summary: "Revoke a join token at once",
    tags,
    params: z.strictObject({ id: z.string().min(1).max(100) }),
    response: done,
    handler({ services, principal, params: { id } }) {
      services.enrol.tokens.revoke(id, principal);
      return DONE;
    },
  }),
];
