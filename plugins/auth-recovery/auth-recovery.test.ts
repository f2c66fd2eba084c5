import { expect, test } from "bun:test";
import { authContract } from "../../core/testing/auth.contract.ts";
import { factorContract, PLACE } from "../../core/testing/factor.contract.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createRecoveryMethod, normalizeCode } from "./auth-recovery.ts";
import plugin from "./index.ts";

pluginContract(plugin);
authContract(plugin);
factorContract(plugin, () => {
  let codes: string[] = [];
  return {
    enrol: async (options: { codes: string[] }) => {
      ({ codes } = options);
      return { saved: true };
    },
    answer: async () => ({ code: codes[0] }),
  };
});

async function enrolled() {
  const method = createRecoveryMethod();
  const { options, state } = await method.beginEnrol({ id: "1", name: "anna" }, [], PLACE);
  const { data } = (await method.finishEnrol({ state, answer: { saved: true }, place: PLACE }))!;
  return { method, codes: (options as { codes: string[] }).codes, data };
}

test("ten different codes of 120 bits each, of which only hashes are kept", async () => {
  const { codes, data } = await enrolled();
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) {
    expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){5}[0-9a-hjkmnp-tv-z]{4}$/);
    expect(JSON.stringify(data)).not.toContain(code);
    expect(JSON.stringify(data)).not.toContain(normalizeCode(code));
  }
});

test("T62 each code stands in once, in any order, and what is left is counted", async () => {
  const { method, codes, data } = await enrolled();
  let factor = { id: "f", data };
  for (const [used, code] of codes.toReversed().entries()) {
    expect(method.describe!(factor)).toEqual({ left: 10 - used, total: 10 });
    const given = { state: null, answer: { code }, place: PLACE, alone: false };
    factor = { id: "f", data: (await method.verify([factor], given))!.data };
    expect(await method.verify([factor], given)).toBeNull();
  }
  expect(method.describe!(factor)).toEqual({ left: 0, total: 10 });
});

test("case, spaces and look-alikes on paper do not matter", async () => {
  const { method, codes, data } = await enrolled();
  const typed = codes[3]!.toUpperCase().replaceAll("-", " ").replaceAll("0", "O").replaceAll("1", "l");
  const given = { state: null, answer: { code: typed }, place: PLACE, alone: false };
  expect(await method.verify([{ id: "f", data }], given)).not.toBeNull();
});

test("codes that nobody said to have saved are not kept", async () => {
  const method = createRecoveryMethod();
  const { state } = await method.beginEnrol({ id: "1", name: "anna" }, [], PLACE);
  expect(await method.finishEnrol({ state, answer: {}, place: PLACE })).toBeNull();
});
