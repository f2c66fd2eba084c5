import { expect, test } from "bun:test";
import { browserOf } from "./browser.model.ts";

test("a browser is named by what it says last, a program by what it says", () => {
  expect(
    browserOf("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0"),
  ).toBe("Edge · Linux");
  expect(browserOf("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1")).toBe(
    "Safari · iOS",
  );
  expect(browserOf("curl/8.5.0")).toBe("curl/8.5.0");
});
