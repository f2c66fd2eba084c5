/** Passkeys (WebAuthn Level 3): as a second factor, or alone with the authenticator asking for finger, face or PIN. */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import { defineErrors, type Factor, type FactorMethod, type SignInPlace } from "cortex";
import * as z from "zod";

const errors = defineErrors("passkey", { needs_name: "invalid" });

const passkeyData = z.object({
  credential: z.string(),
  /** COSE key, base64url. */
  publicKey: z.string(),
  /** Of signatures; 0 for passkeys that are synchronised between devices. */
  counter: z.number(),
  transports: z.array(z.string()).default([]),
  /** The name a passkey is bound to; the browser offers it nowhere else. */
  rpId: z.string(),
  /** Kept in more than one place by its maker. */
  synced: z.boolean().default(false),
});
type PasskeyData = z.infer<typeof passkeyData>;

const challengeState = z.object({ challenge: z.string() });
const responseAnswer = z.looseObject({ id: z.string().min(1).max(2000), response: z.looseObject({}) });

/** Loaded when somebody uses a passkey: it takes 24 MB that a host without people at its dashboard should keep. */
const library = async () => {
  // Its certificate parser needs this first, and a bundler does not keep the order.
  await import("reflect-metadata");
  return import("@simplewebauthn/server");
};

export interface PasskeyOptions {
  /** null: the host name in the browser. */
  rpId: string | null;
  /** Off only to show what it guards against. */
  checkCounter?: boolean;
}

const IP = /^\d{1,3}(\.\d{1,3}){3}$|:/;

export function createPasskeyMethod({ rpId, checkCounter = true }: PasskeyOptions): FactorMethod {
  const idAt = ({ host }: SignInPlace): string => {
    if (IP.test(host))
      throw errors.needs_name(
        `a passkey belongs to a name, and ${host} is an address; open the dashboard by its name, or as localhost`,
      );
    return rpId ?? host;
  };
  const known = (factors: Factor[]) =>
    factors.flatMap((factor) => {
      const { data, success } = passkeyData.safeParse(factor.data);
      return success ? [{ factor, data }] : [];
    });
  const described = ({ data }: { data: PasskeyData }) => ({
    id: data.credential,
    transports: data.transports as ("usb" | "internal")[],
  });

  return {
    kind: "second",
    prompt: "webauthn",
    alone: true,
    async beginEnrol(owner, existing, place) {
      const { generateRegistrationOptions } = await library();
      const options = await generateRegistrationOptions({
        rpName: "Cortex",
        rpID: idAt(place),
        userName: owner.name,
        userID: new TextEncoder().encode(owner.id) as Uint8Array<ArrayBuffer>,
        attestationType: "none",
        excludeCredentials: known(existing).map(described),
        authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" },
      });
      return { options, state: { challenge: options.challenge } };
    },
    async finishEnrol({ state, answer, place }) {
      const kept = challengeState.safeParse(state);
      if (!kept.success || !responseAnswer.safeParse(answer).success) return null;
      const { verifyRegistrationResponse } = await library();
      const verified = await verifyRegistrationResponse({
        response: answer as unknown as RegistrationResponseJSON,
        expectedChallenge: kept.data.challenge,
        expectedOrigin: place.origin,
        expectedRPID: idAt(place),
        requireUserVerification: false,
      }).catch(() => null);
      if (!verified?.verified) return null;
      const { credential, credentialBackedUp } = verified.registrationInfo;
      const data: PasskeyData = {
        credential: credential.id,
        publicKey: new Uint8Array(credential.publicKey).toBase64({
          alphabet: "base64url",
          omitPadding: true,
        }),
        counter: credential.counter,
        transports: credential.transports ?? [],
        rpId: idAt(place),
        synced: credentialBackedUp,
      };
      return { data, handle: credential.id };
    },
    async challenge(factors, place) {
      const { generateAuthenticationOptions } = await library();
      const options = await generateAuthenticationOptions({
        rpID: idAt(place),
        // Without factors any passkey of this name may answer, and it alone must be proof enough.
        allowCredentials: known(factors).map(described),
        userVerification: factors.length === 0 ? "required" : "preferred",
      });
      return { options, state: { challenge: options.challenge } };
    },
    async verify(factors, { state, answer, place, alone }) {
      const kept = challengeState.safeParse(state);
      const given = responseAnswer.safeParse(answer);
      if (!kept.success || !given.success) return null;
      const shown = known(factors).find(({ data }) => data.credential === given.data.id);
      if (shown === undefined) return null;
      const { factor, data } = shown;
      const { verifyAuthenticationResponse } = await library();
      const verified = await verifyAuthenticationResponse({
        response: answer as unknown as AuthenticationResponseJSON,
        expectedChallenge: kept.data.challenge,
        expectedOrigin: place.origin,
        expectedRPID: data.rpId,
        credential: {
          id: data.credential,
          publicKey: Uint8Array.fromBase64(data.publicKey, { alphabet: "base64url" }),
          // A counter that does not grow means that there are two of this authenticator.
          counter: checkCounter ? data.counter : 0,
        },
        requireUserVerification: alone,
      }).catch(() => null);
      if (!verified?.verified) return null;
      return { factor: factor.id, data: { ...data, counter: verified.authenticationInfo.newCounter } };
    },
    handleOf: (answer) => responseAnswer.safeParse(answer).data?.id ?? null,
    isUsableAt: (factor, { host }) => {
      const bound = passkeyData.safeParse(factor.data).data?.rpId;
      return bound !== undefined && (host === bound || host.endsWith(`.${bound}`));
    },
    describe: (factor) => {
      const { data } = passkeyData.safeParse(factor.data);
      return { synced: data?.synced ?? false, host: data?.rpId ?? "" };
    },
  };
}
