/** Single keys for people who never leave the keyboard; the same actions all have a place on the screen. */
import { SCREENS } from "./screens.ts";

export type Action =
  | { kind: "go"; path: string }
  | { kind: "filter" }
  | { kind: "node"; by: 1 | -1 }
  | { kind: "move"; by: 1 | -1 }
  | { kind: "help" };

/** After `g`, the letter of a screen. */
export const GO_KEYS: readonly { key: string; path: string }[] = [
  { key: "f", path: "/" },
  { key: "d", path: "/decisions" },
  { key: "p", path: "/problems" },
  { key: "t", path: "/timeline" },
  { key: "c", path: "/checks" },
  { key: "l", path: "/plugins" },
  { key: "s", path: "/settings" },
];

/** How long a `g` waits for its letter. */
export const SEQUENCE_MS = 1200;

export interface Press {
  key: string;
  /** A modifier is down, or somebody is typing: then the key is not for us. */
  taken: boolean;
  /** `g` was pressed just before. */
  afterG: boolean;
}

export function actionOf(press: Press): Action | "g" | null {
  if (press.taken) return null;
  if (press.afterG) {
    const path = GO_KEYS.find((one) => one.key === press.key)?.path;
    return path === undefined ? null : { kind: "go", path };
  }
  switch (press.key) {
    case "g":
      return "g";
    case "/":
      return { kind: "filter" };
    case "j":
      return { kind: "move", by: 1 };
    case "k":
      return { kind: "move", by: -1 };
    case "[":
      return { kind: "node", by: -1 };
    case "]":
      return { kind: "node", by: 1 };
    case "?":
      return { kind: "help" };
    default:
      return null;
  }
}

/** The node beside the one on the screen, in the order of the fleet; undefined when no node is shown or there is no other. */
export function nodeBeside(path: string, ids: readonly string[], by: 1 | -1): string | undefined {
  const at = ids.indexOf(/^\/nodes\/([^/]+)/.exec(path)?.[1] ?? "");
  return at === -1 || ids.length < 2 ? undefined : ids[(at + by + ids.length) % ids.length];
}

/** The name of the screen behind a key. */
export const screenBehind = (path: string) => SCREENS.find((screen) => screen.path === path)!.name;
