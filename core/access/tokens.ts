/** Short-lived tokens for programs that would rather not send their key with every request. */
import { type AuthDirectory, type AuthProvider, type Clock, defineErrors, type Principal } from "cortex";
import { actorOf, type Audit } from "./audit.ts";
import { createBuckets } from "./rate-limit.ts";

const tokenErrors = defineErrors("auth", {
  no_token_method: "unavailable",
  token_needs_key: "invalid",
  token_rate: "unavailable",
});

/** A token lasts for minutes; who asks for more than these does not keep them. */
const PER_KEY = { perMinute: 10, burst: 10 };

export interface Tokens {
  /** Errors: `auth.token_needs_key`, `auth.no_token_method`, `auth.token_rate`. */
  create(principal: Principal): Promise<{ token: string; expiresAt: number }>;
}

export interface TokensDeps {
  clock: Clock;
  providers: () => AuthProvider[];
  directory: AuthDirectory;
  audit: Audit;
}

export function createTokens({ clock, providers, directory, audit }: TokensDeps): Tokens {
  const perKey = createBuckets(clock, PER_KEY);
  return {
    async create(principal) {
      const key = principal.kind === "key" ? directory.keyById(principal.id) : null;
      // A token, or a secret that was rotated, must not live on through new tokens.
      if (key === null || principal.until !== undefined)
        throw tokenErrors.token_needs_key("a token is made with an API key; send the key itself");
      const provider = providers().find((one) => one.createToken !== undefined);
      if (!provider?.createToken)
        throw tokenErrors.no_token_method(
          "no plugin can make tokens; enable auth-jwt in the configuration file: cortex config path",
        );
      const waitMs = perKey.take(key.id);
      if (waitMs > 0)
        throw tokenErrors.token_rate(
          "a token can be used until it ends; keep it instead of asking for a new one",
          {
            details: { retryAfterMs: waitMs },
          },
        );
      const { token, id, expiresAt } = await provider.createToken(key);
      audit("token.created", actorOf(principal), { key: key.id, token: id });
      return { token, expiresAt };
    },
  };
}
