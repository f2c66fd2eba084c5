/** What every factor promises: the owner's device opens the door once per answer, and nothing else does. */
import { describe, expect, test } from "bun:test";
import type { Factor, FactorMethod, PluginContext, PluginDefinition, SignInPlace } from "cortex";
import { setupPlugin } from "./plugin.contract.ts";
import type { TestClock } from "./test-clock.ts";

export const PLACE: SignInPlace = { origin: "https://cortex.example", host: "cortex.example" };
const OWNER = { id: "0199c0de-0000-7000-8000-000000000001", name: "anna" };

/** What a person has in hand: answers to what the browser is asked. */
export interface TestDevice {
  enrol(options: never, place: SignInPlace): Promise<unknown>;
  /** `options`: null for methods that ask nothing. */
  answer(options: never, place: SignInPlace): Promise<unknown>;
}

const NOISE = [
  undefined,
  null,
  "",
  "000000",
  [],
  {},
  { code: null },
  { code: "000000" },
  { code: "💥".repeat(10) },
  { code: "9".repeat(100_000) },
  { id: "x" },
  { id: "x", response: {} },
  {
    id: "x",
    rawId: "x",
    type: "public-key",
    response: { clientDataJSON: "!", authenticatorData: "?", signature: "" },
  },
  { saved: false },
  { __proto__: null },
];

export function factorContract(
  plugin: PluginDefinition,
  createDevice: (ctx: PluginContext & { clock: TestClock }) => TestDevice,
  validConfig: unknown = {},
): void {
  const fresh = () => {
    const { ctx, hooks } = setupPlugin(plugin, validConfig);
    const provider = (hooks.authProviders ?? []).find(({ factor }) => factor !== undefined)!;
    return {
      method: provider.factor!,
      device: createDevice(ctx as never),
      clock: (ctx as never as { clock: TestClock }).clock,
    };
  };
  const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

  async function enrolled() {
    const { method, device, clock } = fresh();
    const { options, state } = await method.beginEnrol(OWNER, [], PLACE);
    const answer = throughJson(await device.enrol(options as never, PLACE));
    const made = await method.finishEnrol({ state: throughJson(state), answer, place: PLACE });
    expect(made).not.toBeNull();
    const factor: Factor = { id: "f1", data: throughJson(made!.data) };
    // A code that was shown to enrol is used.
    await clock.advance(60_000);
    return { method, device, factor, handle: made!.handle };
  }

  async function ask(method: FactorMethod, device: TestDevice, factors: Factor[]) {
    const challenge = throughJson(
      (await method.challenge?.(factors, PLACE)) ?? { options: null, state: null },
    );
    const answer = throughJson(await device.answer(challenge.options as never, PLACE));
    return { state: challenge.state, answer, place: PLACE, alone: false };
  }

  describe(`${plugin.name}: factor contract`, () => {
    test("who enrolled it gets in with it, and core keeps what the method says", async () => {
      const { method, device, factor, handle } = await enrolled();
      const given = await ask(method, device, [factor]);
      const proof = await method.verify([factor], given);
      expect(proof?.factor).toBe("f1");
      expect(throughJson(proof!.data)).toEqual(proof!.data as never);
      if (method.handleOf) expect(method.handleOf(given.answer)).toBe(handle!);
    });

    test("T62 an answer is good once", async () => {
      const { method, device, factor } = await enrolled();
      const given = await ask(method, device, [factor]);
      const proof = await method.verify([factor], given);
      expect(await method.verify([{ ...factor, data: proof!.data }], given)).toBeNull();
    });

    test("the answer of another person's device is a no", async () => {
      const { method, factor } = await enrolled();
      const other = await enrolled();
      const given = await ask(other.method, other.device, [other.factor]);
      expect(await method.verify([factor], given)).toBeNull();
      expect(await method.verify([], given)).toBeNull();
    });

    test("noise is a no, never an error, at enrolment and after", async () => {
      const { method, factor } = await enrolled();
      const { state } = await method.beginEnrol(OWNER, [factor], PLACE);
      const asked = (await method.challenge?.([factor], PLACE)) ?? { state: null };
      for (const answer of NOISE) {
        expect(
          await method.finishEnrol({ state: { ...(state as object), secret: "" }, answer, place: PLACE }),
        ).toBeNull();
        for (const alone of [true, false])
          expect(
            await method.verify([factor], { state: asked.state, answer, place: PLACE, alone }),
          ).toBeNull();
        method.handleOf?.(answer);
      }
      for (const odd of NOISE) {
        const broken = { id: "f2", data: odd };
        expect(
          await method.verify([broken], { state: odd, answer: odd, place: PLACE, alone: false }),
        ).toBeNull();
        method.describe?.(broken);
        method.isUsableAt?.(broken, PLACE);
      }
    });

    test("what is kept tells nothing that would open the door", async () => {
      const { method, device, factor } = await enrolled();
      const { answer } = await ask(method, device, [factor]);
      const code = (answer as { code?: unknown }).code;
      if (typeof code === "string") expect(JSON.stringify(factor.data)).not.toContain(code);
      expect(JSON.stringify(method.describe?.(factor) ?? {})).not.toContain(String(code ?? "signature"));
    });
  });
}
