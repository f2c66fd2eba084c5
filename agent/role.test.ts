import { expect, test } from "bun:test";
import { roleOf } from "./role.ts";

const joined = {
  url: "https://monitor.example/",
  publicKey: "",
  fingerprint: null,
  decisionKey: null,
  joinedAt: 0,
  keySince: 0,
};
const codeOf = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test("a program is both until it has joined a Monitor, and that Monitor's agent from then on", () => {
  expect(roleOf(undefined, null)).toBe("both");
  expect(roleOf(undefined, joined)).toBe("agent");
  expect(roleOf("monitor", null)).toBe("monitor");
});

test("an agent that has joined nobody does not start, nor does a Monitor that reports elsewhere", () => {
  expect(codeOf(() => roleOf("agent", null))).toBe("role.not_joined");
  expect(codeOf(() => roleOf("both", joined))).toBe("role.joined");
  expect(codeOf(() => roleOf("monitor", joined))).toBe("role.joined");
});
