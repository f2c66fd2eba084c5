/** The browser at the door: where it thinks it is, which one it is, and the cookies it gets. */
import type { Login } from "../../access/sessions.ts";
import type { Visitor } from "../../access/factors.ts";
import { randomToken } from "../../access/secrets.ts";
import type { SessionSource } from "../../access/sessions.ts";
import { httpErrors } from "../errors.ts";
import { hostNameOf, hostOf, isPlainRemotePage } from "./origin.ts";
import { cookieOf, SESSION_COOKIE } from "./pipeline.ts";
import type { Call } from "../route.ts";

/**
 * Says that it is the same browser that began a sign-in. It opens nothing by itself; Lax, because the way back from an
 * identity provider is a link from another site.
 */
const BROWSER_COOKIE = "__Host-cortex-browser";

export function sourceOf({ request, ip }: Pick<Call, "request" | "ip">): SessionSource {
  if (isPlainRemotePage(request))
    throw httpErrors.cross_site(
      "logging in over plain HTTP from another machine is refused; put TLS in front, or use an SSH tunnel to localhost",
    );
  return { ip, userAgent: request.headers.get("user-agent") ?? "" };
}

/** The Origin header was compared with the Host header before; programs leave it out. */
export function visitorOf({ request }: Pick<Call, "request">): Visitor {
  const host = hostOf(request).toLowerCase();
  const origin = request.headers.get("origin") ?? `${new URL(request.url).protocol}//${host}`;
  const browser = cookieOf(request, BROWSER_COOKIE) ?? randomToken();
  return { place: { origin, host: hostNameOf(host) ?? host }, browser };
}

/** The cookie of the browser, where it has none yet. */
export const browserOf = (request: Request): string | null => cookieOf(request, BROWSER_COOKIE);

export function begun(request: Request, visitor: Visitor, answer: unknown): Response {
  const response = Response.json(answer);
  if (browserOf(request) === null)
    response.headers.append(
      "set-cookie",
      `${BROWSER_COOKIE}=${visitor.browser}; Path=/; Secure; HttpOnly; SameSite=Lax`,
    );
  return response;
}

/** `__Host-` ties the cookie to this host over TLS; browsers treat loopback as such. */
export const sessionCookie = ({ token }: Pick<Login, "token">): string =>
  `${SESSION_COOKIE}=${token}; Path=/; Secure; HttpOnly; SameSite=Strict`;
export const NO_SESSION_COOKIE = `${SESSION_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`;
