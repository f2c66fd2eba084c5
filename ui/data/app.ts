/** The one instance of API, session and live data that all screens share. */
import { createMemo, createRoot, createSignal } from "solid-js";
import { ApiError, createApi } from "./api.ts";
import { isAttended } from "../lib/attendance.ts";
import { learnServerTime, now } from "../lib/clock.ts";
import { createLive } from "./live.ts";
import { SNAPSHOT_ROWS } from "./live.model.ts";
import { askWhoItIs } from "../lib/who-it-is.ts";
import { createSession } from "./session.ts";
import type { Settings, StatusItem } from "./types.ts";

export const api = createApi({
  onUnauthenticated: () => session.ended(),
  onReauthenticate: askWhoItIs,
  onServerTime: learnServerTime,
  isUnattended: () => !isAttended(),
});

/** Pages of one browser tell each other when they log in, out, or stay. */
const others = new BroadcastChannel("cortex-session");
export const session = createSession(api, { tellOthers: () => others.postMessage("changed") });
others.onmessage = () => void session.check();
export const live = createLive(api);

/** Whether the logged-in person may change things; the server has the last word. */
export const mayAct = () => ["admin", "operator"].includes(session.user()?.role ?? "");

/** True while what is shown is no longer of now. */
export const isStale = createRoot(() =>
  createMemo(() => ["stale", "offline"].includes(live.connection(now()).kind)),
);

/** Nodes there are, known here or not. */
export const fleetSize = (): number => {
  const known = live.data.nodes.items.length;
  const counts = live.data.status.items[0]?.nodes;
  return counts === undefined
    ? known
    : Math.max(
        known,
        // Those that wait to be let in or were sent away are no part of the fleet.
        Object.entries(counts).reduce(
          (sum, [state, n]) => (state === "pending" || state === "revoked" ? sum : sum + n),
          0,
        ),
      );
};

/** Open problems there are, known here or not: `known` are those that are here. */
export const openProblemCount = (known: number): number => {
  const counts = live.data.status.items[0]?.openProblems;
  return counts === undefined || live.data.problems.items.length < SNAPSHOT_ROWS
    ? known
    : Math.max(
        known,
        Object.values(counts).reduce((sum, open) => sum + open, 0),
      );
};

const [settings, setSettings] = createSignal<Settings | null>(null);
export { settings };

/** Ask for the settings again; a failure keeps the last known ones, the connection pill tells the rest. */
export async function loadSettings(): Promise<void> {
  try {
    setSettings(await api.settings());
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

/** Nodes by state, as the Monitor counts them; those that wait to be let in only for those who may let them in. */
export function countedStates(): StatusItem["nodes"] | undefined {
  const nodes = live.data.status.items[0]?.nodes;
  return nodes === undefined || session.user()?.role === "admin" ? nodes : { ...nodes, pending: 0 };
}
