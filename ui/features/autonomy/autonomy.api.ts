/** What repairs have earned: what the page asks and changes. */
import { api } from "../../data/app.ts";
import type {
  AutonomyGrant,
  AutonomyOffer,
  AutonomyState,
  EndedGrant,
  Intent,
  Page,
} from "../../data/types.ts";

const list = async <T>(path: string) => (await api.call<Page<T>>("GET", path)).items;

export const autonomyApi = {
  grants: () => list<AutonomyGrant>("autonomy"),
  offers: () => list<AutonomyOffer>("autonomy/offers"),
  history: () => list<EndedGrant>("autonomy/history?limit=50"),
  shadows: () => list<Intent>("autonomy/shadows"),
  set: (repair: string, scope: string, state: AutonomyState, reason: string) =>
    api.call<AutonomyGrant>("POST", "autonomy", { repair, scope, state, reason }),
  demote: (id: string, reason: string) =>
    api.call<AutonomyGrant>("POST", `autonomy/${encodeURIComponent(id)}/demote`, { reason }),
  remove: (id: string) => api.call<unknown>("DELETE", `autonomy/${encodeURIComponent(id)}`),
};
