/** An assistant with the protocol's own client: over standard input and output, and over HTTP with a key. */
import { Client, StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { DecisionItem, ProblemItem } from "../../../core/monitor/items.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { plainEnv } from "../lib/run.ts";
import type { Scenario } from "../scenario.ts";
import { decisionsOf, waiting } from "./waiting.ts";

interface Told<T> {
  isError: boolean;
  json: T;
}

async function assistant(transport: Transport) {
  const client = new Client({ name: "accept", version: "1" }, { versionNegotiation: { mode: "auto" } });
  await client.connect(transport);
  return {
    close: () => client.close(),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    async use<T>(name: string, input: Record<string, unknown> = {}): Promise<Told<T>> {
      const { content, isError } = await client.callTool({ name, arguments: input });
      return {
        isError: isError === true,
        json: JSON.parse((content as { text: string }[])[0]!.text) as T,
      };
    },
  };
}

const overHttp = ({ url }: Cortex, key: string) =>
  assistant(
    new StreamableHTTPClientTransport(new URL("/mcp", url), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    }),
  );

const overStdio = ({ binary, dataDir, configFile }: Cortex, ...args: string[]) =>
  assistant(
    new StdioClientTransport({
      command: binary,
      args: ["mcp", "--data-dir", dataDir, "--config", configFile, ...args],
      env: plainEnv(),
    }),
  );

type Assistant = Awaited<ReturnType<typeof assistant>>;

/** Finds the open problem by itself, and reads what is known about it. */
async function explains({ use }: Assistant, decision: DecisionItem): Promise<void> {
  const { items } = (await use<{ items: ProblemItem[] }>("list_problems", { state: "open" })).json;
  ensure(
    items.some(({ id }) => id === decision.problem!.id),
    "the open problem is not in the list",
  );
  const told = await use<{ problem: ProblemItem; intents: { id: string }[]; decisions: { id: string }[] }>(
    "explain_problem",
    { problem: decision.problem!.id },
  );
  ensureEqual(told.json.problem.id, decision.problem!.id, "the problem that is explained");
  ensure(
    told.json.intents.some(({ id }) => id === decision.intent!.id),
    "the explanation has no proposal",
  );
  ensure(
    told.json.decisions.some(({ id }) => id === decision.id),
    "the explanation has no decision",
  );
}

async function scene(rig: Rig, reader: "viewer" | "operator"): Promise<string> {
  const { cortex, decision } = await waiting(rig);
  const problem = decision.problem!.id;
  const viewer = await overHttp(cortex, await cortex.key(reader));
  await explains(viewer, decision);
  const refusal = await viewer.use("propose_repair", { problem }).then(
    () => "was done",
    (error: Error) => error.message,
  );
  ensure(refusal.includes("not found"), `propose_repair with a key that only reads: ${refusal}`);
  await viewer.close();

  const reading = await overStdio(cortex, "--read-only");
  await explains(reading, decision);
  ensure(!(await reading.tools()).includes("propose_repair"), "--read-only has propose_repair");
  await reading.close();

  const operators = [await overStdio(cortex), await overHttp(cortex, await cortex.key("operator"))];
  for (const one of operators) {
    const asked = await one.use<{ intent: string; state: string }>("propose_repair", { problem });
    ensureEqual(asked.json, { node: decision.node, intent: decision.intent!.id, state: "proposed" }, "asked");
    await one.close();
  }
  const { items } = await decisionsOf(cortex);
  ensureEqual(
    items.map(({ id, state }) => [id, state]),
    [[decision.id, "pending"]],
    "decisions after all of this",
  );
  const began = performance.now();
  const again = await overStdio(cortex, "--read-only");
  await again.tools();
  await again.close();
  const ms = performance.now() - began;
  return `both ways list, explain and ask; a reading key has no propose_repair; nothing ran; stdio answers and ends in ${Math.round(ms)} ms`;
}

const scenario: Scenario = {
  name: "mcp-client",
  quick: true,
  timeoutMs: 90_000,
  threats: ["T67"],
  run: (rig) => scene(rig, "viewer"),
  control: (rig) => scene(rig, "operator"),
};
export default scenario;
