/**
 * Ways of signing in beyond a name and a password: factors that a person enrols (a code, a passkey, recovery codes), and
 * identity providers elsewhere. Core owns users, sessions, the table of factors, the state between two steps and its
 * time limit; a method knows what its own answers mean. All data is plain JSON.
 */
import type { Grant } from "./grant.ts";

/** Where the dashboard is in the browser that asks; compared with the allowed hosts before a method sees it. */
export interface SignInPlace {
  /** `https://cortex.example:7600` */
  origin: string;
  /** Host name without the port. */
  host: string;
}

/** A credential that core keeps for a user. */
export interface Factor {
  id: string;
  /** The method's own; sealed at rest. */
  data: unknown;
}

export interface NewFactor {
  data: unknown;
  /** By which an answer can be told to be this factor's without knowing whose it is; unique within the method. */
  handle?: string;
}

/** What the browser shows or is asked, and what core keeps until the answer comes. */
export interface Challenge {
  options: unknown;
  state: unknown;
}

/** An answer to a challenge. */
export interface FactorAnswer {
  /** What the challenge kept; null for methods that ask nothing beforehand. */
  state: unknown;
  answer: unknown;
  place: SignInPlace;
}

/** Which factor was shown, and its data from now on: a counter, a used code. */
export interface FactorProof {
  factor: string;
  data: unknown;
}

/** A factor that people enrol. Answers null for "no", never why; noise is a no as well. */
export interface FactorMethod {
  /** `second`: asked for after the first proof. `backup`: used up, only where there is a second one, in its stead. */
  kind: "second" | "backup";
  /** How a person answers: types a code, or lets the browser ask an authenticator. */
  prompt: "code" | "webauthn";
  /** Proves possession and the person at once, and may be used without name and password. */
  alone?: true;
  /** One per person: a new one takes the place of the old. */
  single?: true;
  /** May throw an `invalid` error that says why it can't be enrolled here. */
  beginEnrol(owner: { id: string; name: string }, existing: Factor[], place: SignInPlace): Promise<Challenge>;
  finishEnrol(given: FactorAnswer): Promise<NewFactor | null>;
  /** For methods that ask something first. Without factors: a question that anybody could answer (`alone`). */
  challenge?(factors: Factor[], place: SignInPlace): Promise<Challenge>;
  /** `alone`: nothing else is asked for, so the factor must prove the person, too. */
  verify(factors: Factor[], given: FactorAnswer & { alone: boolean }): Promise<FactorProof | null>;
  /** Handle of the factor that gave this answer. */
  handleOf?(answer: unknown): string | null;
  /** Whether a factor can be used at this address at all; default yes. */
  isUsableAt?(factor: Factor, place: SignInPlace): boolean;
  /** What its owner may see of it, beside name and times. */
  describe?(factor: Factor): Record<string, string | number | boolean>;
}

/** What an identity provider says about a person. */
export interface ExternalIdentity {
  issuer: string;
  /** Never given to somebody else by the issuer, unlike names and addresses. */
  subject: string;
  /** Proposed name of the account. */
  name: string;
  /** What the person may do from now on; null when nobody like this is let in. */
  grants: Grant[] | null;
  /** Epoch ms of the last time the provider asked the person for proof; null where it does not say. */
  authAt: number | null;
  /** Where the browser goes at logout to end the session there, too; null to end it here only. */
  endUrl: string | null;
}

/** Sign-in at another place: the browser is sent there and comes back to the callback. */
export interface RedirectMethod {
  /** Text of the button. */
  label: string;
  /** `ticket` must come back as `state`. `fresh`: the provider must ask for proof again. */
  start(way: {
    callback: string;
    ticket: string;
    fresh: boolean;
  }): Promise<{ url: string; state: Record<string, unknown> }>;
  /** `url`: the callback with what the provider added. null: it did not vouch for anybody. */
  finish(given: {
    url: string;
    ticket: string;
    state: Record<string, unknown>;
  }): Promise<ExternalIdentity | null>;
}
