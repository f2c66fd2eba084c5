import { expect, test } from "bun:test";
import { Secret } from "otpauth";
import decodeQR from "qr/decode.js";
import encodeQR from "qr";
import { authContract } from "../../core/testing/auth.contract.ts";
import { factorContract, PLACE } from "../../core/testing/factor.contract.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import { createTotpMethod, stepOf } from "./auth-totp.ts";
import { codeAt } from "../../core/testing/totp-code.ts";
import plugin from "./index.ts";

pluginContract(plugin);
authContract(plugin);
factorContract(plugin, ({ clock }) => {
  let secret = "";
  return {
    enrol: async (options: { secret: string }) => {
      ({ secret } = options);
      return { code: codeAt(secret, clock.now()) };
    },
    answer: async () => ({ code: codeAt(secret, clock.now()) }),
  };
});

/** RFC 6238, appendix B, SHA-1; its eight digits end in the six that apps show. */
const RFC_SECRET = new Secret({ buffer: new TextEncoder().encode("12345678901234567890").buffer }).base32;
test.each([
  [59, "287082", 1],
  [1_111_111_109, "081804", 37_037_036],
  [1_111_111_111, "050471", 37_037_037],
  [1_234_567_890, "005924", 41_152_263],
  [2_000_000_000, "279037", 66_666_666],
  [20_000_000_000, "353130", 666_666_666],
])("at second %d the code of RFC 6238 is %s, of step %d", (second, code, step) => {
  expect(stepOf(RFC_SECRET, code, second * 1000)).toBe(step);
});

test("a code is taken one step early and late, and no further", () => {
  const now = 1_111_111_111_000;
  for (const [seconds, good] of [
    [-60, false],
    [-30, true],
    [0, true],
    [30, true],
    [60, false],
  ] as const)
    expect(stepOf(RFC_SECRET, codeAt(RFC_SECRET, now + seconds * 1000), now) !== null).toBe(good);
});

test("people type spaces; letters, other lengths and other digits are a no", () => {
  expect(stepOf(RFC_SECRET, "081 804", 1_111_111_109_000)).not.toBeNull();
  for (const code of ["81804", "0818040", "08180a", "０８１８０４", "081804\n1", ""])
    expect(stepOf(RFC_SECRET, code, 1_111_111_109_000)).toBeNull();
});

test("T62 a code works once, and with the memory of used codes off it would work again", async () => {
  const clock = createTestClock();
  for (const [rememberUsed, again] of [
    [undefined, false],
    [false, true],
  ] as const) {
    const method = createTotpMethod(clock, {
      issuer: "Cortex",
      ...(rememberUsed === undefined ? {} : { rememberUsed }),
    });
    const given = {
      state: null,
      answer: { code: codeAt(RFC_SECRET, clock.now()) },
      place: PLACE,
      alone: false,
    };
    const proof = await method.verify([{ id: "f", data: { secret: RFC_SECRET, usedStep: 0 } }], given);
    const second = await method.verify([{ id: "f", data: proof!.data }], given);
    expect(second !== null).toBe(again);
  }
});

test("an older code is worth nothing once a newer one was used", async () => {
  const clock = createTestClock();
  const method = createTotpMethod(clock, { issuer: "Cortex" });
  const ask = (code: string, data: unknown) =>
    method.verify([{ id: "f", data }], { state: null, answer: { code }, place: PLACE, alone: false });
  const proof = await ask(codeAt(RFC_SECRET, clock.now() + 30_000), { secret: RFC_SECRET, usedStep: 0 });
  expect(await ask(codeAt(RFC_SECRET, clock.now()), proof!.data)).toBeNull();
});

test("the QR code says what the text beside it says, and each secret has 160 bits", async () => {
  const method = createTotpMethod(createTestClock(), { issuer: "Cortex" });
  const { options } = await method.beginEnrol({ id: "1", name: "anna b" }, [], PLACE);
  const { uri, secret, qr } = options as { uri: string; secret: string; qr: string };
  expect(uri).toBe(
    `otpauth://totp/Cortex:anna%20b?issuer=Cortex&secret=${secret}&algorithm=SHA1&digits=6&period=30`,
  );
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  expect(qr).toBe(encodeQR(uri, "svg", { ecc: "medium" }));
  expect(decodeQR(pixelsOf(encodeQR(uri, "raw", { ecc: "medium" })))).toBe(uri);
});

/** Four pixels a module, in the form a camera gives. */
function pixelsOf(modules: boolean[][]) {
  const size = modules.length * 4;
  const data = new Uint8Array(size * size * 4);
  for (let y = 0; y < size; y += 1)
    for (let x = 0; x < size; x += 1)
      data.fill(modules[y >> 2]![x >> 2] ? 0 : 255, (y * size + x) * 4, (y * size + x) * 4 + 4);
  return { width: size, height: size, data };
}
