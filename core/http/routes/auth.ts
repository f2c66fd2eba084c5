/** Coming in and going out. Everything below `/api/v1/auth/` that needs nobody is here and nowhere else. */
import { PERMISSIONS } from "cortex";
import * as z from "zod";
import { canSomewhere } from "../../domain/access.ts";
import type { Login } from "../../access/access.ts";
import { isPlainRemotePage } from "../origin.ts";
import { SESSION_COOKIE } from "../pipeline.ts";
import { type Call, defineRoute } from "../route.ts";
import { httpErrors } from "../errors.ts";
import { DONE, done } from "./common.ts";
import { grants, permission } from "./grants.ts";

const tags = ["auth"];
const credential = z.string().min(1).max(256);

export const session = z.strictObject({
  user: z.strictObject({
    name: z.string(),
    role: z.enum(["admin", "operator", "viewer", "node"]),
    kind: z.enum(["user", "key", "node", "local"]),
    grants,
    permissions: z.array(permission).describe("What is allowed on some part of the tree at least"),
  }),
});
export type Session = z.infer<typeof session>;

function source({ request, ip }: Call) {
  if (isPlainRemotePage(request))
    throw httpErrors.cross_site(
      "logging in over plain HTTP from another machine is refused; put TLS in front, or use an SSH tunnel to localhost",
    );
  return { ip, userAgent: request.headers.get("user-agent") ?? "" };
}

const sessionOf = ({ principal }: Pick<Login, "principal">): Session => ({
  user: {
    name: principal.name,
    role: principal.role,
    kind: principal.kind,
    grants: [...principal.grants],
    permissions: PERMISSIONS.filter((one) => canSomewhere(principal, one)),
  },
});

/** `__Host-` ties the cookie to this host over TLS; browsers treat loopback as such. */
function signedIn(login: Login, status: number): Response {
  const cookie = `${SESSION_COOKIE}=${login.token}; Path=/; Secure; HttpOnly; SameSite=Strict`;
  return Response.json(sessionOf(login), { status, headers: { "set-cookie": cookie } });
}

export const authRoutes = [
  defineRoute({
    method: "GET",
    path: "/api/v1/auth/methods",
    access: "public",
    operationId: "listAuthMethods",
    summary: "How one can log in, and whether the first admin is still to be made",
    tags,
    response: z.strictObject({ methods: z.array(z.string()), setup: z.boolean() }),
    handler: ({ services: { access } }) => ({ methods: access.methods(), setup: access.setup.open() }),
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
      return signedIn(await call.services.access.setup.redeem(token, name, password, source(call)), 201);
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/auth/login",
    access: "public",
    operationId: "login",
    summary: "Open a session; the answer sets its cookie",
    tags,
    body: z.strictObject({ method: z.string().max(50).optional(), name: credential, password: credential }),
    response: session,
    async handler(call) {
      const { method = "password", ...credentials } = call.body;
      return signedIn(await call.services.access.login(method, credentials, source(call)), 200);
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
    response: done,
    handler({ services, principal }) {
      services.access.logout(principal);
      const gone = `${SESSION_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`;
      return Response.json(DONE, { headers: { "set-cookie": gone } });
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
    handler: ({ principal }) => sessionOf({ principal }),
  }),
];
