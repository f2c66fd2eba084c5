/** Where to go around logging in. */

/** Only a path of this site may be returned to: `//host`, `\host` and absolute URLs would lead away. */
export function safeReturn(to: string | undefined): string {
  if (to === undefined || !/^\/(?![/\\])/.test(to) || /[\\\p{Cc}]/u.test(to)) return "/";
  return /^\/(login|setup|second-factor)/.test(to) ? "/" : to;
}

const doorPath = (door: string, from: string): string => {
  const target = safeReturn(from);
  return target === "/" ? door : `${door}?to=${encodeURIComponent(target)}`;
};
export const loginPath = (from: string): string => doorPath("/login", from);
/** Where the second factor is added that an account must have. */
export const enrolPath = (from: string): string => doorPath("/second-factor", from);
