/** Headers of every answer, errors included. */

const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join("; ");

/** Swagger UI styles its elements by attribute and shows its icons as data. */
export const SWAGGER_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join("; ");

export const SECURITY_HEADERS: Record<string, string> = {
  "content-security-policy": CSP,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
  "cache-control": "no-store",
};

/** A year, for this name and those below it (RFC 6797). */
export const HSTS = "max-age=31536000; includeSubDomains";

export const JSON_HEADERS: Record<string, string> = {
  ...SECURITY_HEADERS,
  "content-type": "application/json; charset=utf-8",
};

/** Add what is missing; what a route set on purpose (its own caching, its own policy) stays. */
export function withSecurityHeaders(response: Response): Response {
  // All of them are set together, and this one by nobody else.
  if (response.headers.has("permissions-policy")) return response;
  for (const name in SECURITY_HEADERS)
    if (!response.headers.has(name)) response.headers.set(name, SECURITY_HEADERS[name]!);
  return response;
}
