/** The colours of a chart: those of the theme, as a canvas takes them. */

export interface Inks {
  of(token: string): string;
  chart(color: number): string;
}

/** A canvas knows no custom properties: they are read where it stands, once per theme. */
export function inksOf(host: HTMLElement): Inks {
  const probe = document.createElement("span");
  probe.hidden = true;
  host.append(probe);
  const style = getComputedStyle(probe);
  const known = new Map<string, string>();
  for (const token of [
    "faint",
    "line",
    "hover",
    "accent",
    "ok",
    "warn",
    "bad",
    "unknown",
    "chart-1",
    "chart-2",
    "chart-3",
    "chart-4",
    "chart-5",
  ]) {
    probe.style.color = `var(--${token})`;
    known.set(token, style.color);
  }
  probe.remove();
  return {
    of: (token) => known.get(token) ?? "gray",
    chart: (color) => known.get(`chart-${color}`) ?? "gray",
  };
}

export const faded = (color: string, alpha: number): string =>
  color.includes("/") || !color.startsWith("oklch(") ? color : color.replace(")", ` / ${alpha})`);
