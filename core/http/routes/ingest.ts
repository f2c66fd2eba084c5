/** Where nodes without a link report: a bare body, or a whole envelope. A key speaks for its own node only. */
import type { Principal } from "cortex";
import * as z from "zod";
import { envelope, type MessageType } from "../../wire/envelope.ts";
import { heartbeatBody, reportBody } from "../../wire/report.ts";
import type { Outcome } from "../../monitor/ingest.ts";
import type { Bodies } from "../../monitor/message.ts";
import { type Call, defineRoute } from "../route.ts";
import { httpErrors } from "../errors.ts";

const tags = ["nodes"];
const accepted = z.strictObject({
  outcome: z.enum(["stored", "duplicate"]).describe("duplicate: it was here before; nothing changed"),
});
const KEY = /^[\x21-\x7e]{1,200}$/;

function idempotencyKey(request: Request): string | null {
  const key = request.headers.get("idempotency-key");
  if (key !== null && !KEY.test(key))
    throw httpErrors.bad_request("header idempotency-key: 1 to 200 printable characters without blanks");
  return key;
}

function nodeOf(principal: Principal): string {
  if (principal.nodeId === undefined) throw httpErrors.permission("this key is not bound to a node");
  return principal.nodeId;
}

async function take<T extends MessageType>(
  { services, principal, body, request }: Call,
  type: T,
): Promise<{ outcome: Outcome }> {
  const node = nodeOf(principal);
  services.enrol.assertMaySpeak(principal);
  const { ingest } = services.monitor;
  if (!isEnvelope(body)) {
    return { outcome: await ingest.deliverBody(node, type, body as Bodies[T], idempotencyKey(request)) };
  }
  if (body.node !== node) throw httpErrors.permission("a node speaks for itself only");
  if (body.type !== type) throw httpErrors.bad_request(`body: must be a ${type}`);
  const [outcome] = await ingest.deliver(node, [body]);
  if (outcome === "quarantined") throw httpErrors.bad_request("body: the message could not be understood");
  return { outcome: outcome! };
}

const isEnvelope = (body: unknown): body is z.infer<typeof envelope> =>
  typeof body === "object" && body !== null && "v" in body;

export const ingestRoutes = [
  defineRoute<Record<string, never>, Record<string, never>, unknown>({
    method: "POST",
    path: "/api/v1/reports",
    access: { permission: "node.send", scope: "node" },
    operationId: "report",
    summary: "Report results and metrics; durable when answered, repeated without harm",
    tags,
    body: z.union([reportBody, envelope.extend({ type: z.literal("report"), body: reportBody })]),
    response: accepted,
    handler: (call) => take(call, "report"),
  }),
  defineRoute<Record<string, never>, Record<string, never>, unknown>({
    method: "POST",
    path: "/api/v1/heartbeat",
    access: { permission: "node.send", scope: "node" },
    operationId: "heartbeat",
    summary: "Say that the node lives",
    tags,
    body: z.union([heartbeatBody, envelope.extend({ type: z.literal("heartbeat"), body: heartbeatBody })]),
    response: accepted,
    handler: (call) => take(call, "heartbeat"),
  }),
];
