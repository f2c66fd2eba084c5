/** The screens in the navigation: one line each, in order. */
import type { IconName } from "../kit/icon.tsx";
import type { Texts } from "../texts/i18n.ts";

export interface Screen {
  path: string;
  icon: IconName;
  name: keyof Texts["nav"];
  /** Has a place in the bottom bar of a phone. */
  onPhone: boolean;
}

export const SCREENS: readonly Screen[] = [
  { path: "/", icon: "fleet", name: "fleet", onPhone: true },
  { path: "/decisions", icon: "decision", name: "decisions", onPhone: true },
  { path: "/problems", icon: "problem", name: "problems", onPhone: true },
  { path: "/timeline", icon: "history", name: "timeline", onPhone: true },
  { path: "/checks", icon: "pulse", name: "checks", onPhone: false },
  { path: "/plugins", icon: "plug", name: "plugins", onPhone: false },
  { path: "/settings", icon: "settings", name: "settings", onPhone: true },
];

/** For a monitor on a wall: without navigation. */
export const WALL = "/wall";

/** Reached from the account's menu, not from the navigation. */
const PROFILE: Screen = { path: "/profile", icon: "person", name: "profile", onPhone: false };

/** The screen that a path belongs to: `/nodes/…` is part of the fleet. */
export function screenOf(path: string): Screen | undefined {
  if (path.startsWith("/nodes/")) return SCREENS[0];
  return [...SCREENS, PROFILE].find(
    (screen) => path === screen.path || (screen.path !== "/" && path.startsWith(`${screen.path}/`)),
  );
}
