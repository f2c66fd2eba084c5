/** The pages of the settings: one line each, in order. A page is a file of its own, fetched when it is opened. */
import { lazy, type Component } from "solid-js";
import type { IconName } from "../../kit/icon.tsx";
import type { Texts } from "./texts.ts";

export interface SettingsPage {
  /** Last part of the address: `/settings/people`. */
  id: keyof Texts["settingsPages"];
  icon: IconName;
  page: Component;
  /** Only admins have something to do there. */
  admin?: true;
}

export const SETTINGS_PAGES: readonly SettingsPage[] = [
  { id: "general", icon: "settings", page: lazy(() => import("./general.page.tsx")) },
  { id: "autonomy", icon: "shield", page: lazy(() => import("../autonomy/autonomy.page.tsx")) },
  { id: "people", icon: "people", page: lazy(() => import("./people/people.page.tsx")), admin: true },
  { id: "keys", icon: "key", page: lazy(() => import("./keys/keys.page.tsx")), admin: true },
  { id: "nodes", icon: "server", page: lazy(() => import("../enrol/enrol.page.tsx")), admin: true },
  { id: "policy", icon: "decision", page: lazy(() => import("./policy/policy.page.tsx")) },
  { id: "sessions", icon: "monitor", page: lazy(() => import("./sessions.page.tsx")) },
  { id: "audit", icon: "scroll", page: lazy(() => import("./audit/audit.page.tsx")), admin: true },
  { id: "api", icon: "code", page: lazy(() => import("./api.page.tsx")) },
  { id: "retention", icon: "archive", page: lazy(() => import("./retention.page.tsx")), admin: true },
  { id: "appearance", icon: "palette", page: lazy(() => import("./appearance.page.tsx")) },
  { id: "about", icon: "info", page: lazy(() => import("./about.page.tsx")) },
];
