/** Media queries as signals. */
import { createSignal, type Accessor } from "solid-js";

function createMedia(query: string): Accessor<boolean> {
  const list = matchMedia(query);
  const [matches, setMatches] = createSignal(list.matches);
  list.addEventListener("change", () => setMatches(list.matches));
  return matches;
}

/** The system's theme is the dark one. */
export const isDark = createMedia("(prefers-color-scheme: dark)");

/** A phone; the same limit as `sm` in uno.config.ts. */
export const isPhone = createMedia("(width < 640px)");

/** Tables are cards here; the same limit as `md` in uno.config.ts. */
export const isNarrow = createMedia("(width < 768px)");

/** Room for three cards side by side; the same limit as `lg` in uno.config.ts. */
export const isWide = createMedia("(width >= 1100px)");
