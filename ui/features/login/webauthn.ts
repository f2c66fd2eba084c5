/** The browser's authenticator. The library is loaded when somebody gets near a passkey. */
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/browser";

const library = () => import("@simplewebauthn/browser");

const IP = /^\d{1,3}(\.\d{1,3}){3}$|^\[/;

/** Whether this page may use passkeys at all: they belong to a name, and browsers want TLS or localhost. */
export const canUsePasskeys = (): boolean =>
  window.isSecureContext && typeof PublicKeyCredential === "function" && !IP.test(location.hostname);

/** Whether the browser can offer passkeys in the name field. */
export const canAutofill = async (): Promise<boolean> =>
  canUsePasskeys() && (await library()).browserSupportsWebAuthnAutofill();

/** The person said no, or took too long; nothing to complain about. */
export const isCancelled = (error: unknown): boolean =>
  error instanceof Error && (error.name === "NotAllowedError" || error.name === "AbortError");

export async function askPasskey(options: unknown, autofill = false): Promise<unknown> {
  const { startAuthentication } = await library();
  const optionsJSON = options as PublicKeyCredentialRequestOptionsJSON;
  return startAuthentication({ optionsJSON, useBrowserAutofill: autofill });
}

export async function makePasskey(options: unknown): Promise<unknown> {
  const { startRegistration } = await library();
  return startRegistration({ optionsJSON: options as PublicKeyCredentialCreationOptionsJSON });
}

/** End an offer in the name field: the page is left, or another way was chosen. */
export const stopAsking = async (): Promise<void> => (await library()).WebAuthnAbortService.cancelCeremony();
