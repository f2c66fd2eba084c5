import { expect, test } from "bun:test";
import type { SignInPlace } from "cortex";
import { authContract } from "../../core/testing/auth.contract.ts";
import { factorContract, PLACE } from "../../core/testing/factor.contract.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import {
  createSoftAuthenticator,
  type SoftAuthenticatorOptions,
} from "../../core/testing/soft-authenticator.ts";
import { createPasskeyMethod } from "./auth-passkey.ts";
import plugin from "./index.ts";

pluginContract(plugin);
authContract(plugin);
factorContract(plugin, () => {
  const device = createSoftAuthenticator();
  return { enrol: device.create, answer: device.get };
});

const ANNA = { id: "0199c0de-0000-7000-8000-000000000001", name: "anna" };

async function enrolled(
  options: SoftAuthenticatorOptions = {},
  method = createPasskeyMethod({ rpId: null }),
) {
  const device = createSoftAuthenticator(options);
  const asked = await method.beginEnrol(ANNA, [], PLACE);
  const answer = await device.create(asked.options as never, PLACE);
  const made = await method.finishEnrol({ state: asked.state, answer, place: PLACE });
  const factor = { id: "f", data: made?.data };
  const ask = async (alone: boolean, at: SignInPlace = PLACE) => {
    const challenge = await method.challenge!(alone ? [] : [factor], at);
    return {
      state: challenge.state,
      answer: await device.get(challenge.options as never, at),
      place: at,
      alone,
    };
  };
  return { method, device, made, factor, ask };
}

test("alone, a passkey opens the door only when it asked its owner for finger, face or PIN", async () => {
  for (const verifiesUser of [true, false]) {
    const { method, factor, ask } = await enrolled({ verifiesUser });
    expect((await method.verify([factor], await ask(true))) !== null).toBe(verifiesUser);
    expect(await method.verify([factor], await ask(false))).not.toBeNull();
  }
});

test("a passkey that was shown to another page is worth nothing here", async () => {
  const { made } = await enrolled({ originSaid: "https://cortex.example.evil" });
  expect(made).toBeNull();
  const good = await enrolled();
  const given = await good.ask(false);
  const elsewhere = { ...given, place: { origin: "https://other.example", host: "other.example" } };
  expect(await good.method.verify([good.factor], elsewhere)).toBeNull();
});

test("an answer to another question is a no", async () => {
  const { method, factor, ask } = await enrolled();
  const given = await ask(false);
  const { state } = await method.challenge!([factor], PLACE);
  expect(await method.verify([factor], { ...given, state })).toBeNull();
});

test("T62 a copied authenticator is noticed by its counter, and without the check it would not be", async () => {
  for (const checkCounter of [true, false]) {
    const method = createPasskeyMethod({ rpId: null, checkCounter });
    const { factor, ask, device } = await enrolled({}, method);
    const proof = await method.verify([factor], await ask(false));
    // The copy still has the counter of the time it was made.
    device.held[0]!.counter -= 1;
    const again = await method.verify([{ ...factor, data: proof!.data }], await ask(false));
    expect(again === null).toBe(checkCounter);
  }
});

test("one device is not enrolled twice, and a passkey says which name it is for", async () => {
  const { method, factor, made } = await enrolled();
  const { options } = await method.beginEnrol(ANNA, [factor], PLACE);
  expect(
    (options as { excludeCredentials: { id: string }[] }).excludeCredentials.map(({ id }) => id),
  ).toEqual([made!.handle!]);
  expect(method.describe!(factor)).toEqual({ synced: false, host: "cortex.example" });
  expect(method.isUsableAt!(factor, PLACE)).toBe(true);
  expect(method.isUsableAt!(factor, { origin: "https://b.example", host: "b.example" })).toBe(false);
});

test("at an address instead of a name the person is told what to do", async () => {
  const method = createPasskeyMethod({ rpId: null });
  for (const host of ["127.0.0.1", "[::1]"]) {
    const place = { origin: `http://${host}:7600`, host };
    expect(async () => await method.beginEnrol(ANNA, [], place)).toThrow(
      expect.objectContaining({ code: "passkey.needs_name", kind: "invalid" }),
    );
  }
});

test("with rp_id, passkeys of the domain are good at each name below it", async () => {
  const method = createPasskeyMethod({ rpId: "example" });
  const { factor, ask } = await enrolled({}, method);
  const at = { origin: "https://other.example", host: "other.example" };
  expect(await method.verify([factor], await ask(false, at))).not.toBeNull();
});
