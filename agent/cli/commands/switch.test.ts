import { expect, test } from "bun:test";
import { switchText } from "./switch.ts";

test("the switch alone says how it stands, and where it is off", () => {
  expect(switchText({ switch: "on", nodesOff: [] })).toContain("Repairs are on.");
  expect(switchText({ switch: "off", nodesOff: [{ nodeName: "vm" }] })).toContain("cortex switch on");
  expect(switchText({ switch: "mixed", nodesOff: [{ nodeName: "web-1" }, { nodeName: "web-2" }] })).toContain(
    "off on web-1, web-2",
  );
  expect(switchText({ switch: null, nodesOff: [] })).toContain("No node has said");
});
