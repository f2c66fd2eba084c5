/** The link of remote nodes over HTTPS: signed requests only. */
import type { Principal } from "cortex";
import type * as z from "zod";
import type { MessageStamp } from "../../enrol/messages.ts";
import {
  connectAnswer,
  connectRequest,
  linkAnswer,
  linkRequest,
  rotateRequest,
} from "../../wire/link-messages.ts";
import { defineRoute } from "../route.ts";
import type { Services } from "../services.ts";
import { DONE, done } from "./common.ts";

const tags = ["link"];
const access = { permission: "node.send", scope: "node", signed: true } as const;

function signed({ enrol }: Services, principal: Principal): MessageStamp & { node: string } {
  return { ...enrol.messages.stampOf(principal)!, node: principal.id };
}

export const linkRoutes = [
  defineRoute({
    method: "POST",
    path: "/api/v1/link/connect",
    access,
    operationId: "linkConnect",
    summary: "Begin a session; the last one is over",
    tags,
    body: connectRequest,
    response: connectAnswer,
    handler({ services, principal, body }) {
      const { node, ts } = signed(services, principal);
      const { session } = services.enrol.links.connect(node, body.session, ts);
      services.decide.keys.forget(node);
      return { session, decisionKey: Buffer.from(services.enrol.decidingKey.publicKey).toString("base64") };
    },
  }),
  defineRoute<Record<string, never>, Record<string, never>, z.infer<typeof linkRequest>>({
    method: "POST",
    path: "/api/v1/link",
    access,
    operationId: "link",
    summary: "Messages up, commands down; waits for commands when asked to",
    tags,
    body: linkRequest,
    response: linkAnswer,
    async handler({ services, principal, body, request }) {
      const { node } = signed(services, principal);
      const { links } = services.enrol;
      links.assertSession(node, body.session);
      const { envelopes, ...rest } = body;
      const outcomes = envelopes.length > 0 ? await services.monitor.ingest.deliver(node, envelopes) : [];
      // One that only delivers must not take the commands for which the other one waits.
      const isDelivery = envelopes.length > 0 && body.waitSeconds === 0;
      const commands = isDelivery ? [] : await links.exchange(node, rest, request.signal);
      return { handled: outcomes.length, commands };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/link/rotate",
    access,
    operationId: "linkRotate",
    summary: "Offer a new key; it counts from the first message signed with it",
    tags,
    body: rotateRequest,
    response: done,
    handler({ services, principal, body }) {
      const { node, key } = signed(services, principal);
      services.enrol.links.assertSession(node, body.session);
      services.enrol.nodes.rotate(node, key, body.publicKey, body.signature);
      return DONE;
    },
  }),
];
