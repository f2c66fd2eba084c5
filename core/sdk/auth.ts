/** Ways of proving who one is. Core holds principals, sessions and the route table; methods are plugins. */
import type { Grant, Permission, Role } from "./grant.ts";
import type { FactorMethod, RedirectMethod } from "./sign-in.ts";

/** Who makes a request. Exactly one per request. */
export interface Principal {
  kind: "user" | "key" | "node" | "local";
  id: string;
  name: string;
  /** The highest role among the grants, for showing; what one may do follows from `grants` alone. */
  role: Role;
  /** Empty: nothing but one's own profile. */
  grants: readonly Grant[];
  /** Set where a key is narrowed: of what its roles allow, only these. */
  permissions?: readonly Permission[];
  /** Set for sessions. */
  sessionId?: string;
  /** Set for kind `node`, also with a key: the only node it may speak for. */
  nodeId?: string;
  /** Set for sessions: when all factors were last asked for, epoch ms. */
  authAt?: number;
  /** Set for sessions that are good for nothing but adding the second factor that their user must have. */
  mustEnrol?: true;
  /** Set for keys, and for tokens made from one: `StoredKey.version` when it was let in. */
  version?: number;
  /** Set where the credential itself ends before its key does: a token, a secret that was rotated. Epoch ms. */
  until?: number;
}

export interface StoredUser {
  id: string;
  name: string;
  role: Role;
  grants: readonly Grant[];
  passwordHash: string | null;
  disabled: boolean;
}

export interface StoredKey {
  id: string;
  name: string;
  role: Role;
  grants: readonly Grant[];
  /** null: all that the grants allow. */
  permissions: readonly Permission[] | null;
  /** sha256 of the secret, hex. */
  secretHash: string;
  nodeId: string | null;
  expiresAt: number | null;
  /** Counts up when what was made with the key must stop working: a rotation without grace. */
  version: number;
  /** The secret before the last rotation, while it is still taken. */
  former: { secretHash: string; until: number } | null;
}

/** The holder of a key, for a provider that recognised it. A node's key speaks for its node and may nothing else. */
export function principalOfKey(key: StoredKey, until?: number): Principal {
  const { id, name, role, grants, permissions, nodeId, version } = key;
  const common = { id, name, role, version, ...(until !== undefined && { until }) };
  return role === "node"
    ? { ...common, kind: "node", grants: [], ...(nodeId !== null && { nodeId }) }
    : { ...common, kind: "key", grants, ...(permissions !== null && { permissions }) };
}

/** What an auth provider may read. */
export interface AuthDirectory {
  userByName(name: string): StoredUser | null;
  keyById(id: string): StoredKey | null;
}

/**
 * An auth method. `bearer` methods look at each request's Authorization header; `login` methods turn submitted
 * credentials into a user, for which core opens a session. Both answer null for "no": never why.
 */
export interface AuthProvider {
  /** `password`, `key`, … */
  method: string;
  bearer?(token: string, directory: AuthDirectory): Promise<Principal | null>;
  login?(credentials: Record<string, unknown>, directory: AuthDirectory): Promise<StoredUser | null>;
  /** Make what is stored for a new credential: a password's hash, a key's secret and its hash. */
  createPasswordHash?(password: string): Promise<string>;
  /** Something people enrol: a second factor, a passkey, recovery codes. */
  factor?: FactorMethod;
  /** Sign-in at an identity provider. */
  redirect?: RedirectMethod;
  /** With `id`, a new secret for the key of that id. */
  createKey?(id?: string): Promise<{ id: string; secret: string; secretHash: string }>;
  /** A short-lived token for the holder of a key; `bearer` takes it from then on. Errors: none. */
  createToken?(key: StoredKey): Promise<{ token: string; id: string; expiresAt: number }>;
}
