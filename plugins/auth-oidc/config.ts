/** Options of one OpenID provider. */
import * as z from "zod";

/** Plain HTTP only where nobody is in between. */
const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$)/;
/** As in grants of users. */
const SCOPE = /^(\*|subtree:n_[a-z2-7]{26}|group:\S.*|label:[^=\s]+=\S.*)$/;

export const oidcConfig = z.strictObject({
  issuer: z
    .url()
    .refine((url) => url.startsWith("https://") || LOOPBACK.test(url), "must be an https URL")
    .describe("Address of the provider, exactly as it names itself in its discovery document."),
  client_id: z.string().min(1).describe("Name under which Cortex is registered there."),
  client_secret: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Secret of that registration, as ${file:/path} or ${env:NAME}; leave it out for a public client.",
    ),
  label: z.string().min(1).max(60).default("OpenID").describe("Text of the button on the login page."),
  scopes: z
    .array(z.string().regex(/^\S+$/))
    .default(["openid", "profile"])
    .refine((scopes) => scopes.includes("openid"), "must contain openid")
    .describe("What the provider is asked for; many need one more for groups."),
  groups_claim: z.string().min(1).default("groups").describe("Claim that holds the groups of a person."),
  name_claim: z
    .string()
    .min(1)
    .default("preferred_username")
    .describe(
      "Claim from which a new account gets its name; the account itself hangs on issuer and subject.",
    ),
  grants: z
    .array(
      z.strictObject({
        group: z.string().min(1).describe("Group at the provider, exactly as in the claim."),
        role: z.enum(["admin", "operator", "viewer"]).describe("Role that its members get."),
        scope: z
          .string()
          .regex(SCOPE, "must be *, subtree:NODE_ID, group:NAME or label:KEY=VALUE")
          .default("*")
          .describe("Nodes on which: `*`, `subtree:NODE_ID`, `group:NAME` or `label:KEY=VALUE`."),
      }),
    )
    .default([])
    .describe("What members of a group may do; worked out anew at each login."),
  allow_unmapped: z
    .boolean()
    .default(false)
    .describe("true lets people in of whom no group is listed; they see nothing but their own profile."),
  end_session: z
    .boolean()
    .default(false)
    .describe("true ends the session at the provider, too, when somebody logs out here."),
});
export type OidcConfig = z.output<typeof oidcConfig>;
