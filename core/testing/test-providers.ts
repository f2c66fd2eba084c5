/** Login methods that hash nothing. */
import { type AuthProvider, principalOfKey } from "cortex";

let made = 0;
/** Stand-ins with the shape of the real methods: a secret is the key's id and `:secret`. */
export const testProviders: AuthProvider[] = [
  {
    method: "password",
    login: async ({ name, password }, directory) => {
      const user = directory.userByName(String(name));
      return user !== null && user.passwordHash === `hash:${String(password)}` ? user : null;
    },
    createPasswordHash: async (password) => `hash:${password}`,
  },
  {
    method: "key",
    bearer: async (token, directory) => {
      const key = directory.keyById(token.split(":")[0]!);
      if (key?.secretHash === token) return principalOfKey(key);
      return key?.former?.secretHash === token ? principalOfKey(key, key.former.until) : null;
    },
    createKey: async (id = crypto.randomUUID().slice(0, 8)) => {
      const secret = `${id}:secret${(made += 1) === 1 ? "" : made}`;
      return { id, secret, secretHash: secret };
    },
  },
];
