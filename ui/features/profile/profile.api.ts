/** One's own account over the API. */
import { api } from "../../data/app.ts";
import type { FactorItem, FactorOption, Me, Page, Question, SessionItem } from "../../data/types.ts";

export interface MyFactors {
  items: FactorItem[];
  methods: FactorOption[];
  required: boolean;
}

const at = (list: string, id: string) => `${list}/${encodeURIComponent(id)}`;

export const profile = {
  me: () => api.call<Me>("GET", "me"),
  changePassword: (current: string, next: string) =>
    api.call<Me>("PATCH", "me", { password: { current, new: next } }),
  factors: () => api.call<MyFactors>("GET", "me/factors"),
  beginFactor: (method: string) => api.call<Question>("POST", "me/factors/begin", { method }),
  addFactor: (ticket: string, name: string, answer: unknown) =>
    api.call<FactorItem>("POST", "me/factors", { ticket, name, answer }),
  removeFactor: (id: string) => api.call<unknown>("DELETE", at("me/factors", id)),
  sessions: async () => (await api.call<Page<SessionItem>>("GET", "me/sessions")).items,
  endSession: (id: string) => api.call<unknown>("DELETE", at("sessions", id)),
  endOthers: () => api.call<{ ended: number }>("DELETE", "me/sessions"),
};
