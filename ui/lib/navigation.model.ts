/** Where to go around logging in. */
import type { Why } from "./session-end.model.ts";

/** Only a path of this site may be returned to: `//host`, `\host` and absolute URLs would lead away. */
export function safeReturn(to: string | undefined): string {
  if (to === undefined || !/^\/(?![/\\])/.test(to) || /[\\\p{Cc}]/u.test(to)) return "/";
  return /^\/(login|setup|second-factor)/.test(to) ? "/" : to;
}

const doorPath = (door: string, from: string, why: Why | null = null): string => {
  const target = safeReturn(from);
  const query = new URLSearchParams(target === "/" ? {} : { to: target });
  if (why !== null) query.set("why", why);
  return query.size === 0 ? door : `${door}?${query.toString()}`;
};
/** `why`: the session ended; null when there was none, which is nothing to tell. */
export const loginPath = (from: string, why: Why | null = null): string => doorPath("/login", from, why);
/** Where the second factor is added that an account must have. */
export const enrolPath = (from: string): string => doorPath("/second-factor", from);
