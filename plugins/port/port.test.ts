import { expect, test } from "bun:test";
import { checkContract } from "../../core/testing/check.contract.ts";
import { goldenCases } from "../../core/testing/golden.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import plugin from "./index.ts";
import { serves } from "./port.ts";

pluginContract(plugin, { port: 80 });
checkContract(plugin, { port: 80 });
goldenCases(plugin, import.meta.dir);

test("an IPv4 wildcard does not serve IPv6", () => {
  expect(serves("0.0.0.0", "::1")).toBe(false);
  expect(serves("0.0.0.0", "10.0.0.5")).toBe(true);
  expect(serves("::", "10.0.0.5")).toBe(true);
  expect(serves("fe80::1", "FE80:0::1")).toBe(true);
});
