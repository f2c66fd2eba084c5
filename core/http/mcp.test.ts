import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { expect, test } from "bun:test";
import { NODE_A, NODE_B } from "../testing/test-api.ts";
import { createTestFleet, PROPOSED, type TestFleet } from "../testing/test-fleet.ts";

const READING = [
  "list_nodes",
  "list_problems",
  "search_intents",
  "list_checks",
  "list_decisions",
  "explain_problem",
  "node_history",
];

/** The protocol's own client, over the API in this process. */
async function assistant({ api }: TestFleet, key: string, mode: "auto" | "legacy" = "auto") {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  const transport = new StreamableHTTPClientTransport(new URL("http://localhost/mcp"), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
    fetch: async (url, init) => (await api.api.handle(new Request(url, init), { ip: "10.0.0.9" }))!,
  });
  await client.connect(transport);
  const use = async (name: string, input: Record<string, unknown> = {}) => {
    const { content, isError } = await client.callTool({ name, arguments: input });
    const [first] = content as { text: string }[];
    return { isError: isError === true, text: first!.text, json: told(first!.text) };
  };
  const names = async () => (await client.listTools()).tools.map(({ name }) => name);
  return { client, use, names };
}

/** Null where the protocol itself refused the input, in plain text. */
const told = (text: string): Told => (text.startsWith("{") ? (JSON.parse(text) as Told) : (null as never));

/** The parts of answers that tests look at. */
interface Told {
  items: { id: string }[];
  problem: { id: string };
  node: { id: string };
  intents: unknown[];
  error: { code: string };
}

test.each(["auto", "legacy"] as const)(
  "a client of the %s protocol lists, explains and asks",
  async (mode) => {
    const fleet = await createTestFleet();
    const { use, names, client } = await assistant(fleet, fleet.whole, mode);
    expect(await names()).toEqual([...READING, "propose_repair"]);
    const { problem } = fleet.ids.get(NODE_A)!;
    const listed = await use("list_problems", { state: "open" });
    expect(listed.json.items.map(({ id }) => id)).toContain(problem);
    const explained = await use("explain_problem", { problem });
    expect(explained.json.problem.id).toBe(problem);
    expect(explained.json.intents).toBeArray();
    expect((await use("node_history", { node: NODE_A })).json.node.id).toBe(NODE_A);
    expect((await use("propose_repair", { problem })).json as unknown).toEqual({
      node: NODE_A,
      intent: PROPOSED,
      state: "proposed",
    });
    await client.close();
  },
);

test("T67 a tool that the key's permissions do not reach is not there, and the API refuses it as well", async () => {
  const fleet = await createTestFleet();
  const key = await fleet.api.createKey("viewer");
  const { names, use, client } = await assistant(fleet, key);
  expect(await names()).toEqual(READING);
  const { problem } = fleet.ids.get(NODE_A)!;
  await expect(use("propose_repair", { problem })).rejects.toThrow("not found");
  const { status } = await fleet.api.send("POST", `/api/v1/problems/${problem}/propose`, { key, body: {} });
  expect(status).toBe(403);
  await client.close();
});

test("an assistant sees and asks no more nodes than its key", async () => {
  const fleet = await createTestFleet();
  const { use, client } = await assistant(fleet, fleet.web);
  const other = fleet.ids.get(NODE_B)!.problem;
  const nodes = (await use("list_nodes")).json.items.map(({ id }) => id);
  expect(nodes).toEqual([NODE_A]);
  for (const [tool, input] of [
    ["explain_problem", { problem: other }],
    ["node_history", { node: NODE_B }],
    ["propose_repair", { problem: other }],
  ] as const) {
    const { isError, json } = await use(tool, input);
    expect([tool, isError, json.error.code.startsWith("api.")]).toEqual([tool, true, true]);
  }
  await client.close();
});

test("a key that was deleted is out at the next call", async () => {
  const fleet = await createTestFleet();
  const key = await fleet.api.createKey("viewer");
  const { use, client } = await assistant(fleet, key);
  expect((await use("list_nodes")).isError).toBe(false);
  const gone = await fleet.api.send("DELETE", `/api/v1/keys/${key.split(":")[0]!}`, { key: fleet.whole });
  expect(gone.status).toBe(200);
  await expect(use("list_nodes")).rejects.toThrow();
  await client.close();
});

test("input that is none is told, and asks nothing of the API", async () => {
  const fleet = await createTestFleet();
  const { use, client } = await assistant(fleet, fleet.whole);
  for (const [tool, input] of [
    ["explain_problem", { problem: "../settings" }],
    ["list_problems", { state: "gone" }],
    ["list_nodes", { limit: 1e9 }],
    ["propose_repair", { problem: fleet.ids.get(NODE_A)!.problem, force: true }],
  ] as const) {
    const outcome = await use(tool, input).catch((error: Error) => ({ isError: true, text: error.message }));
    expect([tool, outcome.isError]).toEqual([tool, true]);
  }
  await client.close();
});

test("T57 the endpoint takes no stranger's page, name or cookie, and nothing without a key", async () => {
  const fleet = await createTestFleet();
  const body = { jsonrpc: "2.0", id: 1, method: "tools/list" };
  const { whole: key } = fleet;
  const call = async (headers: Record<string, string>, withKey = true) => {
    const init = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    const request = new Request("http://localhost/mcp", {
      method: "POST",
      headers: { ...init, ...(withKey ? { authorization: `Bearer ${key}` } : {}), ...headers },
      body: JSON.stringify(body),
    });
    return (await fleet.api.api.handle(request, { ip: "10.0.0.9" }))!.status;
  };
  expect(await call({}, false)).toBe(401);
  expect(await call({ host: "evil.example" })).toBe(421);
  expect(await call({ origin: "https://evil.example" })).toBe(403);
  expect(await call({ origin: "null" })).toBe(403);
  expect(await call({ "content-type": "text/plain" })).toBe(415);
  expect(await call({})).toBe(200);
  const cookie = await fleet.api.setUp();
  expect((await fleet.api.send("POST", "/mcp", { cookie, body })).status).toBe(400);
});
