/**
 * Password hashing: argon2id with m = 19 MiB, t = 2, p = 1 (OWASP's minimum; about 35 ms here). At most two hashes run
 * at once, so that a flood of guesses costs two cores and 40 MiB at most, and the others wait in line.
 */
import type { Passwords } from "cortex";

const MEMORY_KIB = 19_456;
const ITERATIONS = 2;
const AT_ONCE = 2;

export function createPasswords(): Passwords {
  let running = 0;
  const waiting: (() => void)[] = [];

  async function inLine<T>(work: () => Promise<T>): Promise<T> {
    if (running >= AT_ONCE) await new Promise<void>((resume) => waiting.push(resume));
    else running += 1;
    try {
      return await work();
    } finally {
      // The place passes straight to the next in line; it is given up only when nobody waits.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  }

  return {
    hash: (password) =>
      inLine(() =>
        Bun.password.hash(password, { algorithm: "argon2id", memoryCost: MEMORY_KIB, timeCost: ITERATIONS }),
      ),
    verify: (password, hash) => inLine(() => Bun.password.verify(password, hash).catch(() => false)),
  };
}
