/** People and keys over the API: what the pages of the settings ask and change. */
import { api } from "../../lib/app.ts";
import type { KeyItem, Page, UserItem } from "../../lib/types.ts";

export type UserRole = UserItem["role"];
export type KeyRole = KeyItem["role"];
export const USER_ROLES: readonly UserRole[] = ["viewer", "operator", "admin"];
export const KEY_ROLES: readonly KeyRole[] = ["viewer", "operator", "admin", "node"];

export interface NewUser {
  name: string;
  password: string;
  role: UserRole;
}
export interface UserChange {
  role?: UserRole;
  password?: string;
  disabled?: boolean;
}
export interface NewKey {
  name: string;
  role: KeyRole;
  node?: string;
  /** ISO 8601; null: never. */
  expiresAt: string | null;
}

const at = (list: "users" | "keys", id: string) => `${list}/${encodeURIComponent(id)}`;

export const accounts = {
  users: async () => (await api.call<Page<UserItem>>("GET", "users")).items,
  addUser: (user: NewUser) => api.call<UserItem>("POST", "users", user),
  changeUser: (id: string, change: UserChange) => api.call<UserItem>("PATCH", at("users", id), change),
  removeUser: (id: string) => api.call<unknown>("DELETE", at("users", id)),
  keys: async () => (await api.call<Page<KeyItem>>("GET", "keys")).items,
  /** The secret is in this answer only. */
  addKey: (key: NewKey) => api.call<KeyItem & { secret: string }>("POST", "keys", key),
  removeKey: (id: string) => api.call<unknown>("DELETE", at("keys", id)),
};
