/** The steps of signing in beyond a password. All but the callback answer to the dashboard's own pages only. */
import { isCortexError } from "cortex";
import * as z from "zod";
import { type Call, defineRoute } from "../route.ts";
import { begun, browserOf, sessionCookie, sourceOf, visitorOf } from "../door/visitor.ts";
import { session, signedIn } from "./auth.ts";

const tags = ["auth"];
const method = z.string().min(1).max(100);
const ticket = z.string().min(1).max(200);
/** What it holds is the method's business. */
export const factorAnswer = z
  .looseObject({})
  .describe("As the method wants it: `{ code }`, or what `navigator.credentials` gave");
export const question = z.strictObject({
  ticket: z.string(),
  options: z
    .unknown()
    .describe("For the browser: what to show or to ask the authenticator; null for nothing"),
});

/** A path of the dashboard; anything else would send people elsewhere. */
export const safePath = (to: string | undefined): string =>
  to !== undefined && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(to) && !to.startsWith("/api/") ? to : "/";

const withMethod = <B>(call: Call<{ method: string }, unknown, B>) => call.params.method;

export const signInRoutes = [
  defineRoute({
    method: "POST",
    path: "/api/v1/auth/factor/begin",
    access: "public",
    operationId: "beginSecondFactor",
    summary: "Ask for what a second factor must answer, where it needs a question",
    tags,
    body: z.strictObject({ ticket, method }),
    response: question,
    async handler(call) {
      const { services, body, request } = call;
      const visitor = visitorOf(call);
      const options = await services.access.signIn.beginSecond(body.ticket, body.method, visitor);
      return begun(request, visitor, { ticket: body.ticket, options });
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/auth/factor",
    access: "public",
    operationId: "finishSecondFactor",
    summary: "Show the second factor; opens the session that the login could not",
    tags,
    body: z.strictObject({ ticket, method, answer: factorAnswer }),
    response: session,
    handler: async (call) =>
      signedIn(
        call.services,
        await call.services.access.signIn.finishSecond(call.body, visitorOf(call), sourceOf(call)),
        200,
      ),
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/auth/:method/begin",
    access: "public",
    operationId: "beginSignIn",
    summary: "Begin to log in by a method that needs no name and no password: a passkey",
    tags,
    params: z.strictObject({ method }),
    body: z.strictObject({}),
    response: question,
    async handler(call) {
      const visitor = visitorOf(call);
      const { ip } = sourceOf(call);
      return begun(
        call.request,
        visitor,
        await call.services.access.signIn.beginAlone(withMethod(call), visitor, ip),
      );
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/auth/:method/finish",
    access: "public",
    operationId: "finishSignIn",
    summary: "Show the passkey; opens a session",
    tags,
    params: z.strictObject({ method }),
    body: z.strictObject({ ticket, answer: factorAnswer }),
    response: session,
    async handler(call) {
      const { signIn } = call.services.access;
      return signedIn(
        call.services,
        await signIn.finishAlone(withMethod(call), call.body, visitorOf(call), sourceOf(call)),
        200,
      );
    },
  }),
  defineRoute({
    method: "POST",
    path: "/api/v1/auth/:method/start",
    access: "public",
    operationId: "startRedirect",
    summary: "Where to send the browser to log in at an identity provider",
    tags,
    params: z.strictObject({ method }),
    body: z.strictObject({
      to: z.string().max(1000).optional().describe("Path of the dashboard to open afterwards"),
      fresh: z.boolean().optional().describe("true asks the provider to let the person prove it anew"),
    }),
    response: z.strictObject({ url: z.string() }),
    async handler(call) {
      const visitor = visitorOf(call);
      const { ip } = sourceOf(call);
      const way = { to: safePath(call.body.to), fresh: call.body.fresh ?? false };
      const { signIn } = call.services.access;
      return begun(call.request, visitor, await signIn.beginRedirect(withMethod(call), way, visitor, ip));
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/auth/:method/callback",
    access: "public",
    operationId: "finishRedirect",
    summary:
      "Where the identity provider sends the browser back to; opens a session and leads into the dashboard",
    tags,
    params: z.strictObject({ method }),
    query: z.looseObject({ state: z.string().max(200).optional() }),
    response: {
      mediaType: "text/plain",
      description: "303 into the dashboard, or to the login page with the reason",
    },
    async handler(call) {
      const { request, services, query } = call;
      const given = { ticket: query.state ?? "", search: new URL(request.url).search };
      try {
        const { login, to } = await services.access.signIn.finishRedirect(
          withMethod(call),
          given,
          browserOf(request),
          sourceOf(call),
        );
        return new Response(null, {
          status: 303,
          headers: { location: to, "set-cookie": sessionCookie(login) },
        });
      } catch (error) {
        // A person looks at this, not a program.
        if (!isCortexError(error) || error.kind === "internal") throw error;
        return new Response(null, { status: 303, headers: { location: `/login?failed=${error.code}` } });
      }
    },
  }),
];
