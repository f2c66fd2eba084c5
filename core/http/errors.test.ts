import { expect, test } from "bun:test";
import * as z from "zod";
import { nodeId, uuid } from "../wire/envelope.ts";
import { invalidInput } from "./errors.ts";

test("an id that is none is said in words, not as a pattern", () => {
  const said = (schema: z.ZodType) => invalidInput("path.id", schema.safeParse("xx").error!, "xx").message;
  expect(said(nodeId)).toBe("path.id: is no id of a node (n_ and 26 characters); see the list of nodes");
  expect(said(uuid)).toBe("path.id: is no id; see the list for those that are");
});

test("what does not fit is named by its place, in words for people", () => {
  const schema = z.strictObject({
    summary: z.string().min(1),
    limits: z.array(z.number().max(9)).optional(),
    role: z.enum(["admin", "viewer"]).optional(),
  });
  const said = (value: unknown) => invalidInput("body", schema.safeParse(value).error!, value).message;
  expect(said({})).toBe("body.summary: is missing");
  expect(said({ summary: 7 })).toBe("body.summary: must be a string");
  expect(said({ summary: "x", limits: ["x"] })).toBe("body.limits.0: must be a number");
  expect(said({ summary: "" })).toBe("body.summary: must be at least 1 characters long");
  expect(said({ summary: "x", limits: [10] })).toBe("body.limits.0: must be at most 9");
  expect(said({ summary: "x", role: "king" })).toBe("body.role: must be one of admin, viewer");
  expect(said([])).toBe("body: must be an object");
  expect(said({ summary: "x", nonsense: 1 })).toBe("body: has an unknown key");
});
