import { expect, test } from "bun:test";
import { AUTONOMY, mayChoose } from "./autonomy.model.ts";

test("only what is as careful as the configuration, or more, can be chosen", () => {
  const choices = (configured: "act" | "ask" | "observe") =>
    AUTONOMY.filter((one) => mayChoose(one, configured));
  expect(choices("act")).toEqual(["act", "ask", "observe"]);
  expect(choices("ask")).toEqual(["ask", "observe"]);
  expect(choices("observe")).toEqual(["observe"]);
});
