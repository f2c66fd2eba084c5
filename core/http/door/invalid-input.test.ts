import { expect, test } from "bun:test";
import * as z from "zod";
import { nodeId, uuid } from "../../wire/envelope.ts";
import { invalidInput } from "./invalid-input.ts";
import { pageQuery, listOf } from "../routes/common.ts";
import { grants } from "../routes/grants.ts";

function said(schema: z.ZodType, value: unknown, where: "path" | "query" | "body" = "body"): string {
  return invalidInput(where, schema, schema.safeParse(value).error!, value).message;
}

test("an id that is none is said in words, not as a pattern", () => {
  const ids = z.strictObject({ node: nodeId.optional(), id: uuid.optional() });
  expect(said(ids, { node: "xx" })).toBe(
    "node: is no id of a node (n_ and 26 characters); see the list of nodes",
  );
  expect(said(ids, { id: "xx" })).toBe("id: is no id; see the list for those that are");
});

test("a number that does not fit is answered with the numbers that do", () => {
  const page = z.strictObject(pageQuery);
  for (const limit of ["many", "0", "501", "1.5"])
    expect(said(page, { limit }, "query")).toBe("limit: must be a whole number from 1 to 500");
  const open = z.strictObject({ least: z.number().min(2).optional(), most: z.number().max(9).optional() });
  expect(said(open, { least: 1 })).toBe("least: must be a number of at least 2");
  expect(said(open, { most: "x" })).toBe("most: must be a number of at most 9");
});

test("what does not fit is named by its place, in words for people", () => {
  const schema = z.strictObject({
    summary: z.string().min(1).max(20),
    limits: z.array(z.number().max(9)).max(2).optional(),
    role: z.enum(["admin", "viewer"]).optional(),
    on: z.boolean().optional(),
    at: z.iso.datetime().optional(),
    url: z.url().optional(),
    id: z
      .string()
      .regex(/^[a-z-]+$/)
      .optional()
      .describe("Name in kebab-case"),
  });
  const fits = { summary: "x" };
  expect(said(schema, {})).toBe("summary: is missing");
  expect(said(schema, { summary: 7 })).toBe("summary: must be text");
  expect(said(schema, { summary: "" })).toBe("summary: must not be empty");
  expect(said(schema, { summary: "x".repeat(21) })).toBe("summary: must be at most 20 characters long");
  expect(said(schema, { ...fits, limits: ["x"] })).toBe("limits, entry 1: must be a number of at most 9");
  expect(said(schema, { ...fits, limits: [1, 10] })).toBe("limits, entry 2: must be a number of at most 9");
  expect(said(schema, { ...fits, limits: [1, 2, 3] })).toBe("limits: must have at most 2 entries");
  expect(said(schema, { ...fits, limits: {} })).toBe("limits: must be a list");
  expect(said(schema, { ...fits, role: "king" })).toBe("role: must be one of admin, viewer");
  expect(said(schema, { ...fits, on: "yes" })).toBe("on: must be true or false");
  expect(said(schema, { ...fits, at: "noon" })).toBe("at: must be a time such as 2026-01-31T18:00:00Z");
  expect(said(schema, { ...fits, url: "?" })).toBe(
    "url: must be an address such as https://cortex.example:7600",
  );
  expect(said(schema, { ...fits, id: "A B" })).toBe(
    "id: has another form than it must have: name in kebab-case",
  );
});

test("an input as a whole that does not fit is answered with the fields that are known", () => {
  const schema = z.strictObject({ summary: z.string().optional(), role: z.string().optional() });
  expect(said(schema, [])).toBe("the body of the request: must be an object with summary, role");
  expect(said(schema, { nonsense: 1 })).toBe(
    "the body of the request: has an unknown field; there are summary, role",
  );
  expect(said(schema, { nonsense: 1 }, "query")).toBe(
    "the address: has an unknown parameter; there are summary, role",
  );
});

test("a scope and a list of states that do not fit are answered with the forms that do", () => {
  const body = z.strictObject({ grants });
  expect(said(body, { grants: [{ role: "viewer", scope: "web" }] })).toBe(
    "grants, entry 1, scope: must be * (everything), subtree:NODEID, label:KEY=VALUE or group:NAME",
  );
  expect(said(body, { grants: ["*"] })).toBe("grants, entry 1: must be an object with role, scope");
  const query = z.strictObject({ state: listOf(["open", "resolved"], "State") });
  expect(said(query, { state: "opn" }, "query")).toBe("state: must be one of open, resolved");
});

test("a name that the caller made up does not come back", () => {
  const schema = z.strictObject({ labels: z.record(z.string(), z.string()) });
  expect(said(schema, { labels: { "<script>": 7 } })).toBe("labels: must be text");
});
