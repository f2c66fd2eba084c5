/** What this browser remembers: theme, language, the fleet's layout, whether single keys act. public/early.js reads the same keys before the first paint. */
import { createSignal } from "solid-js";

export type Theme = "system" | "light" | "dark";
export const THEMES: readonly Theme[] = ["system", "dark", "light"];

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
}

export const readLanguage = () => read("cortex.language");
export const writeLanguage = (language: string) => write("cortex.language", language);

export const readFleetView = () => read("cortex.fleet");
export const writeFleetView = (query: string) => write("cortex.fleet", query);

const stored = read("cortex.theme");
const [theme, setThemeSignal] = createSignal<Theme>(
  stored === "light" || stored === "dark" ? stored : "system",
);
export { theme };

export function setTheme(next: Theme): void {
  setThemeSignal(next);
  write("cortex.theme", next);
  const classes = document.documentElement.classList;
  classes.remove("light", "dark");
  if (next !== "system") classes.add(next);
}

const [shortcuts, setShortcutsSignal] = createSignal(read("cortex.shortcuts") !== "off");
export { shortcuts };

export function setShortcuts(on: boolean): void {
  setShortcutsSignal(on);
  write("cortex.shortcuts", on ? "on" : "off");
}
