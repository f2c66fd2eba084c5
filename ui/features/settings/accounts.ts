/** People and keys over the API: what the pages of the settings ask and change. */
import { api } from "../../data/app.ts";
import type { Grant, KeyItem, Page, SessionItem, UserItem } from "../../data/types.ts";

export type UserRole = UserItem["role"];
export const USER_ROLES: readonly UserRole[] = ["viewer", "operator", "admin"];

export interface NewUser {
  name: string;
  password: string;
  grants: readonly Grant[];
}
export interface UserChange {
  grants?: readonly Grant[];
  password?: string;
  disabled?: boolean;
}
export interface NewKey {
  name: string;
  /** Either what it may do where, or the node it speaks for. */
  grants?: readonly Grant[];
  role?: "node";
  node?: string;
  /** Ranges it is taken from; left out: from anywhere. */
  addresses?: string[];
  /** ISO 8601; null: never. */
  expiresAt: string | null;
}

const at = (list: "users" | "keys" | "sessions", id: string) => `${list}/${encodeURIComponent(id)}`;

export const accounts = {
  users: async () => (await api.call<Page<UserItem>>("GET", "users")).items,
  addUser: (user: NewUser) => api.call<UserItem>("POST", "users", user),
  changeUser: (id: string, change: UserChange) => api.call<UserItem>("PATCH", at("users", id), change),
  removeUser: (id: string) => api.call<unknown>("DELETE", at("users", id)),
  keys: async () => (await api.call<Page<KeyItem>>("GET", "keys")).items,
  /** The secret is in this answer only. */
  addKey: (key: NewKey) => api.call<KeyItem & { secret: string }>("POST", "keys", key),
  /** The old secret goes on for this long, at most a day. */
  rotateKey: (id: string, graceSeconds: number) =>
    api.call<KeyItem & { secret: string }>("POST", `${at("keys", id)}/rotate`, { graceSeconds }),
  sessions: async () => (await api.call<Page<SessionItem>>("GET", "sessions")).items,
  endSession: (id: string) => api.call<unknown>("DELETE", at("sessions", id)),
  removeKey: (id: string) => api.call<unknown>("DELETE", at("keys", id)),
};
