/** Nodes that join, and the tokens they join with: what the page asks and changes. */
import { api } from "../../data/app.ts";
import type { IdentityItem, Page, TokenItem } from "../../data/types.ts";

export interface NewToken {
  ttlSeconds: number;
  uses: number;
  name?: string;
  group?: string;
  autoApprove?: boolean;
}

const node = (id: string, act: string) => `nodes/${encodeURIComponent(id)}/${act}`;

export const enrolment = {
  identities: async () => (await api.call<Page<IdentityItem>>("GET", "identities")).items,
  monitor: () => api.call<{ words: string }>("GET", "identity"),
  tokens: async () => (await api.call<Page<TokenItem>>("GET", "tokens")).items,
  /** The join string is in this answer only. */
  addToken: (token: NewToken) =>
    api.call<TokenItem & { join: string; command: string }>("POST", "tokens", token),
  removeToken: (id: string) => api.call<unknown>("DELETE", `tokens/${encodeURIComponent(id)}`),
  approve: (id: string) => api.call<unknown>("POST", node(id, "approve"), {}),
  reject: (id: string) => api.call<unknown>("POST", node(id, "reject")),
  revoke: (id: string, reason: string) => api.call<unknown>("POST", node(id, "revoke"), { reason }),
  release: (id: string) => api.call<unknown>("POST", node(id, "release")),
  rotate: (id: string) => api.call<unknown>("POST", node(id, "rotate")),
};
