/** Login by name and password. */
import type { AuthProvider, Passwords } from "cortex";
import * as z from "zod";

const credentials = z.object({ name: z.string().min(1).max(200), password: z.string().min(1).max(256) });

/**
 * Hash of a value that was thrown away, made with the parameters of the port. It is checked for accounts that do not
 * exist, so that the answer takes as long as for one that does.
 */
const NOBODY =
  "$argon2id$v=19$m=19456,t=2,p=1$c05m9IkrqW7KahBGx02ZNvuD6jsrG5GKqYn5S8JSnZU$Hjbf1FD203d+k8aq/EjdyRjA+2AivwNeIWsbqOBcvtk";

export function createPasswordProvider(passwords: Passwords): AuthProvider {
  return {
    method: "password",
    async login(submitted, directory) {
      const parsed = credentials.safeParse(submitted);
      if (!parsed.success) return null;
      const user = directory.userByName(parsed.data.name);
      const usable = user !== null && user.passwordHash !== null && !user.disabled;
      const matches = await passwords.verify(parsed.data.password, usable ? user.passwordHash! : NOBODY);
      return usable && matches ? user : null;
    },
    createPasswordHash: (password) => passwords.hash(password),
  };
}
