/** Coming in and going out. Everything below `/api/v1/auth/` that needs nobody is here and nowhere else. */
import { PERMISSIONS, type Principal } from "cortex";
import * as z from "zod";
import { canSomewhere } from "../../domain/access.ts";
import type { Access } from "../../access/access.ts";
import type { Login, SessionEnd } from "../../access/sessions.ts";
import { defineRoute } from "../route.ts";
import type { Services } from "../services.ts";
import { begun, NO_SESSION_COOKIE, sessionCookie, sourceOf, visitorOf } from "../door/visitor.ts";
import { DONE, done } from "./common.ts";
import { grants, permission } from "./grants.ts";

const tags = ["auth"];
const credential = z.string().min(1).max(256);

export const factorOption = z.strictObject({
  method: z.string(),
  kind: z.enum(["second", "backup"]),
  prompt: z.enum(["code", "webauthn"]).describe("How a person answers"),
});

export const sessionEnd = z
  .strictObject({
    idleAt: z.iso.datetime().describe("When it ends if nothing is asked from now on"),
    at: z.iso.datetime().describe("When it ends in any case"),
    idleSeconds: z.number().describe("How long it lives without use"),
  })
  .describe("null for keys, which have no session");

export const session = z.strictObject({
  user: z.strictObject({
    name: z.string(),
    role: z.enum(["admin", "operator", "viewer", "node"]),
    kind: z.enum(["user", "key", "node", "local"]),
    grants,
    permissions: z.array(permission).describe("What is allowed on some part of the tree at least"),
  }),
  mustEnrol: z
    .boolean()
    .describe("true: good for nothing but adding the second factor that this account must have"),
  ends: sessionEnd.nullable(),
});
export type Session = z.infer<typeof session>;

const sessionOf = (access: Access, principal: Principal): Session => ({
  user: {
    name: principal.name,
    role: principal.role,
    kind: principal.kind,
    grants: [...principal.grants],
    permissions: PERMISSIONS.filter((one) => canSomewhere(principal, one)),
  },
  mustEnrol: principal.mustEnrol ?? false,
  ends: endOf(access.sessionEnd(principal)),
});

const endOf = (end: SessionEnd | null): Session["ends"] =>
  end && {
    idleAt: new Date(end.idleAt).toISOString(),
    at: new Date(end.at).toISOString(),
    idleSeconds: end.idleMs / 1000,
  };

export const signedIn = ({ access }: Services, login: Login, status: number): Response =>
  Response.json(sessionOf(access, login.principal), {
    status,
    headers: { "set-cookie": sessionCookie(login) },
  });

/** The password was right; the ticket and one of these factors open the session. */
export const nextStep = z.strictObject({
  next: z.strictObject({ ticket: z.string(), factors: z.array(factorOption) }),
});

export const authMethods = z.strictObject({
  methods: z.array(z.string()).describe("By name and secret"),
  alone: z.array(factorOption).describe("Without a name: a passkey"),
  redirects: z.array(z.strictObject({ method: z.string(), label: z.string() })),
  setup: z.boolean(),
});

export const authRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/auth/methods",
    access: "public",
    operationId: "listAuthMethods",
    summary: "How one can log in, and whether the first admin is still to be made",
    tags,
    response: authMethods,
    handler: ({ services: { access } }) => ({
      methods: access.methods(),
      alone: access.factors.alone(),
      redirects: access.signIn.redirects(),
      setup: access.setup.open(),
    }),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/auth/setup",
    access: "public",
    operationId: "setup",
    summary: "Make the first admin with the token printed at the first start; dead afterwards",
    tags,
    body: z.strictObject({ token: credential, name: credential, password: credential }),
    response: session,
    status: 201,
    async handler(call) {
      const { token, name, password } = call.body;
      return signedIn(
        call.services,
        await call.services.access.setup.redeem(token, name, password, sourceOf(call)),
        201,
      );
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/auth/setup/check",
    access: "public",
    operationId: "checkSetup",
    summary: "Whether a setup token is still good, before somebody fills in a form for it",
    tags,
    body: z.strictObject({ token: credential }),
    response: done,
    handler(call) {
      call.services.access.setup.check(call.body.token, sourceOf(call).ip);
      return DONE;
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/auth/login",
    access: "public",
    operationId: "login",
    summary: "Open a session, or be told which second factor it needs; the answer sets the session's cookie",
    tags,
    body: z.strictObject({ method: z.string().max(50).optional(), name: credential, password: credential }),
    response: z.union([session, nextStep]),
    async handler(call) {
      const { method = "password", ...credentials } = call.body;
      const visitor = visitorOf(call);
      const login = await call.services.access.login(method, credentials, sourceOf(call), visitor);
      return "ticket" in login
        ? begun(call.request, visitor, { next: login })
        : signedIn(call.services, login, 200);
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/auth/logout",
    access: { permission: "self", scope: "self" },
    operationId: "logout",
    summary: "End this session",
    tags,
    body: z.strictObject({}),
    response: z.strictObject({
      ok: z.literal(true),
      endUrl: z
        .string()
        .nullable()
        .describe("Where to send the browser to log out at the identity provider, too"),
    }),
    handler({ services, principal }) {
      const endUrl = services.access.logout(principal);
      return Response.json({ ok: true, endUrl }, { headers: { "set-cookie": NO_SESSION_COOKIE } });
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/auth/session",
    access: { permission: "self", scope: "self" },
    operationId: "getSession",
    summary: "Who is asking",
    tags,
    response: session,
    handler: ({ services, principal }) => sessionOf(services.access, principal),
  }),
];
