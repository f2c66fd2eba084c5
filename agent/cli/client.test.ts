import { expect, test } from "bun:test";
import { failureOf } from "./client.ts";

test("where a node has to be named, the command line says by which option", async () => {
  const error = { code: "api.node_needed", message: "name a node: there are 2" };
  const failure = await failureOf(Response.json({ error }, { status: 400 }));
  expect(failure.message).toBe("name a node: there are 2; add --node NAME, as in cortex nodes list");
});
