/** Ways of proving who one is. Core holds principals, sessions and the route table; methods are plugins. */

export type Role = "admin" | "operator" | "viewer" | "node";

/** Who makes a request. Exactly one per request. */
export interface Principal {
  kind: "user" | "key" | "node" | "local";
  id: string;
  name: string;
  role: Role;
  /** Set for sessions. */
  sessionId?: string;
  /** Set for kind `node` and for keys of role node: the only node it may speak for. */
  nodeId?: string;
}

export interface StoredUser {
  id: string;
  name: string;
  role: Role;
  passwordHash: string | null;
  disabled: boolean;
}

export interface StoredKey {
  id: string;
  name: string;
  role: Role;
  /** sha256 of the secret, hex. */
  secretHash: string;
  nodeId: string | null;
  expiresAt: number | null;
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
  createKey?(): Promise<{ id: string; secret: string; secretHash: string }>;
}
