/** Media queries as signals. */
import { createSignal, type Accessor } from "solid-js";

function createMedia(query: string): Accessor<boolean> {
  const list = matchMedia(query);
  const [matches, setMatches] = createSignal(list.matches);
  list.addEventListener("change", () => setMatches(list.matches));
  return matches;
}

/** Tables are cards here; the same limit as `md` in uno.config.ts. */
export const isNarrow = createMedia("(width < 768px)");
