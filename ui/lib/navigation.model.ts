/** Where to go around logging in. */

/** Only a path of this site may be returned to: `//host`, `\host` and absolute URLs would lead away. */
export function safeReturn(to: string | undefined): string {
  if (to === undefined || !/^\/(?![/\\])/.test(to) || /[\\\p{Cc}]/u.test(to)) return "/";
  return to.startsWith("/login") || to.startsWith("/setup") ? "/" : to;
}

export function loginPath(from: string): string {
  const target = safeReturn(from);
  return target === "/" ? "/login" : `/login?to=${encodeURIComponent(target)}`;
}
