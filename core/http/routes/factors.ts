/** One's own second factors, passkeys and recovery codes; and their reset by an admin. */
import { defineErrors, type Principal } from "cortex";
import * as z from "zod";
import type { FactorItem } from "../../access/factors.ts";
import { isoTime, toIso, toIsoOrNull } from "../../wire/envelope.ts";
import { defineRoute } from "../route.ts";
import { begun, sessionCookie, visitorOf } from "../door/visitor.ts";
import { factorOption } from "./auth.ts";
import { DONE, done } from "./common.ts";
import { factorAnswer, question } from "./sign-in.ts";

const tags = ["profile"];
const errors = defineErrors("auth", { session_needed: "invalid" });
const self = { permission: "self", scope: "self" } as const;

export const factorItem = z.strictObject({
  id: z.string(),
  method: z.string(),
  kind: z.enum(["second", "backup", "unknown"]).describe("unknown: no plugin that is on understands it"),
  name: z.string(),
  createdAt: isoTime,
  lastUsedAt: isoTime.nullable(),
  about: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
const shown = (item: FactorItem): z.infer<typeof factorItem> => ({
  ...item,
  createdAt: toIso(item.createdAt),
  lastUsedAt: toIsoOrNull(item.lastUsedAt),
});

/** Keys and the local administrator have no factors: they prove themselves otherwise. */
function assertPerson(principal: Principal): void {
  if (principal.kind !== "user") throw errors.session_needed("factors belong to people; log in as one");
}

export const waysAgain = z.strictObject({
  password: z.boolean(),
  factors: z.array(factorOption),
  redirects: z.array(z.strictObject({ method: z.string(), label: z.string() })),
});

export const factorRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/auth/reauthenticate",
    access: self,
    operationId: "waysToReauthenticate",
    summary: "How one can prove again that it is oneself",
    tags,
    response: waysAgain,
    handler: (call) => call.services.access.reauthentication.ways(call.principal, visitorOf(call)),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/auth/reauthenticate/begin",
    access: self,
    operationId: "beginReauthentication",
    summary: "Ask for what one's own factor must answer",
    tags,
    body: z.strictObject({ method: z.string().min(1).max(100) }),
    response: question,
    async handler(call) {
      const visitor = visitorOf(call);
      const { reauthentication } = call.services.access;
      return begun(
        call.request,
        visitor,
        await reauthentication.begin(call.principal, call.body.method, visitor),
      );
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/auth/reauthenticate",
    access: self,
    operationId: "reauthenticate",
    summary: "Prove again that it is oneself, by password or factor; good for five minutes",
    tags,
    body: z.union([
      z.strictObject({ password: z.string().min(1).max(256) }),
      z.strictObject({ ticket: z.string().min(1).max(200), answer: factorAnswer }),
    ]),
    response: done,
    async handler(call) {
      const { principal, body, ip, services } = call;
      const { reauthentication } = services.access;
      const token =
        "password" in body
          ? await reauthentication.byPassword(principal, body.password, ip)
          : await reauthentication.byFactor(principal, body, visitorOf(call), ip);
      return Response.json(DONE, { headers: { "set-cookie": sessionCookie({ token }) } });
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/me/factors",
    access: self,
    operationId: "listMyFactors",
    summary: "What one has enrolled, and what one could",
    tags,
    response: z.strictObject({
      items: z.array(factorItem),
      methods: z.array(factorOption),
      required: z.boolean().describe("Whether this account must have a second factor"),
    }),
    handler({ services: { access }, principal }) {
      assertPerson(principal);
      return {
        items: access.factors.list(principal.id).map(shown),
        methods: access.factors.methods(),
        required: access.isSecondFactorRequired(principal),
      };
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/me/factors/begin",
    access: { ...self, recent: true },
    operationId: "beginFactor",
    summary: "Begin to enrol a factor: what to show, or to ask the browser",
    tags,
    body: z.strictObject({ method: z.string().min(1).max(100) }),
    response: question,
    async handler(call) {
      assertPerson(call.principal);
      const visitor = visitorOf(call);
      const { factors } = call.services.access;
      return begun(
        call.request,
        visitor,
        await factors.beginEnrol(call.principal, call.body.method, visitor),
      );
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/me/factors",
    access: self,
    operationId: "addFactor",
    summary: "Enrol the factor; other sessions of the account end",
    tags,
    body: z.strictObject({
      ticket: z.string().min(1).max(200),
      name: z.string().trim().min(1).max(100),
      answer: factorAnswer,
    }),
    response: factorItem,
    status: 201,
    async handler(call) {
      assertPerson(call.principal);
      return shown(await call.services.access.finishEnrol(call.principal, call.body, visitorOf(call)));
    },
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/me/factors/:id",
    access: { ...self, recent: true },
    operationId: "removeFactor",
    summary: "Remove a factor; other sessions of the account end",
    tags,
    params: z.strictObject({ id: z.string().min(1).max(100) }),
    response: done,
    handler({ services, principal, params: { id } }) {
      assertPerson(principal);
      services.access.removeFactor(principal, id);
      return DONE;
    },
  }),
  defineRoute({
    method: "DELETE",
    path: "/api/v1/users/:id/factors",
    access: { permission: "people.manage", scope: "tree", recent: true },
    operationId: "resetFactors",
    summary: "Remove all factors of a user who has lost them, and end the user's sessions",
    tags: ["accounts"],
    params: z.strictObject({ id: z.string().min(1).max(100) }),
    response: z.strictObject({ removed: z.number().int() }),
    handler: ({ services, principal, params: { id } }) => ({
      removed: services.access.resetFactors(id, principal),
    }),
  }),
];
