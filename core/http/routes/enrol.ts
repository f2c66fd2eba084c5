/** First contact of nodes; public, because nobody is known yet. Nothing here tells a stranger more than the Monitor's key. */
import * as z from "zod";
import { enrolAnswer, enrolRequest, helloAnswer } from "../../wire/link-messages.ts";
import { defineRoute } from "../route.ts";

const tags = ["enrolment"];

export const enrolRoutes = [
  defineRoute({
    method: "GET",
    path: "/enrol/hello",
    access: "public",
    operationId: "enrolHello",
    summary: "The Monitor's key, and the proof that it holds it",
    tags,
    query: z.strictObject({
      nonce: z
        .string()
        .regex(/^[\w-]{43}$/)
        .describe("32 random bytes of the asker, base64url; signed with the answer"),
    }),
    response: helloAnswer,
    handler: ({ services, query }) => services.enrol.nodes.hello(query.nonce),
  }),
  defineRoute({
    method: "POST",
    path: "/enrol",
    access: "public",
    operationId: "enrol",
    summary: "Ask to join with a join token",
    tags,
    body: enrolRequest,
    response: enrolAnswer,
    status: 201,
    handler: ({ services, body, ip }) => services.enrol.nodes.enrol(body, ip),
  }),
];
