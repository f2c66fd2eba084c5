/**
 * The browser's own formats, each made once: making one takes longer than hundreds of uses, every age on the screen is
 * written once a second, and a list has many.
 */
const made = new Map<string, unknown>();
function kept<T>(kind: string, make: () => T, locale: string, variant: object = {}): T {
  const key = `${kind} ${locale} ${JSON.stringify(variant)}`;
  const known = (made.get(key) as T | undefined) ?? make();
  made.set(key, known);
  return known;
}

export const dateFormat = (locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  kept("date", () => new Intl.DateTimeFormat(locale, options), locale, options);

export const numberFormat = (locale: string, options: Intl.NumberFormatOptions = {}): Intl.NumberFormat =>
  kept("number", () => new Intl.NumberFormat(locale, options), locale, options);

export const relativeFormat = (locale: string): Intl.RelativeTimeFormat =>
  kept("relative", () => new Intl.RelativeTimeFormat(locale, { style: "narrow", numeric: "auto" }), locale);

/** Names as people order them: `web-2` before `web-10`. */
export const compareNames = (a: string, b: string): number =>
  kept("names", () => new Intl.Collator(undefined, { numeric: true }), "").compare(a, b);
