import { expect, test } from "bun:test";
import { inOrder } from "./login.model.ts";

const passkey = { method: "passkey", kind: "second", prompt: "webauthn" } as const;
const totp = { method: "totp", kind: "second", prompt: "code" } as const;
const recovery = { method: "recovery", kind: "backup", prompt: "code" } as const;

test("an authenticator is asked before a code, and what is used up comes last", () => {
  expect(inOrder([recovery, totp, passkey], true)).toEqual([passkey, totp, recovery]);
});

test("where the page can't use passkeys, none is offered", () => {
  expect(inOrder([recovery, passkey, totp], false)).toEqual([totp, recovery]);
});
