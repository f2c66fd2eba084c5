/**
 * What an assistant can do here: read everything its key may read, and ask a node for a proposal. No tool runs, approves or
 * changes anything; the words of hosts come as fields of data.
 */
import type { Permission } from "cortex";
import * as z from "zod";
import type { DecisionItem, IntentItem, NodeDetail, ProblemItem } from "../monitor/items.ts";
import type { McpApi } from "./api.ts";

export interface Tool {
  name: string;
  title: string;
  description: string;
  /** Without it the tool is not registered; the API asks for it once more at each call. */
  needs: Permission;
  readOnly: boolean;
  input: z.ZodObject;
  run(api: McpApi, input: Record<string, unknown>): Promise<unknown>;
}

interface Page<T> {
  items: T[];
  next: string | null;
}

const HOUR_MS = 3_600_000;
const MAX_EVIDENCE = 3;
/** Characters of one part of evidence: a log is quoted, not poured out. */
const MAX_PART = 4000;

const id = z.uuid();
const node = z
  .string()
  .regex(/^n_[a-z2-7]{26}$/)
  .describe("Node id, as list_nodes gives it");
const paged = {
  limit: z.number().int().min(1).max(100).default(20).describe("At most this many"),
  cursor: z.string().max(400).optional().describe("`next` of the page before"),
};

function tool<T extends z.ZodObject>(
  spec: Omit<Tool, "input" | "run"> & { input: T; run(api: McpApi, input: z.infer<T>): Promise<unknown> },
): Tool {
  return spec as unknown as Tool;
}

/** A list of the API as a tool: the fields are its search parameters. */
function listTool(
  name: string,
  path: string,
  title: string,
  description: string,
  fields: Record<string, z.ZodType>,
): Tool {
  return tool({
    name,
    title,
    description,
    needs: "fleet.read",
    readOnly: true,
    input: z.strictObject({ ...fields, ...paged }),
    run: (api, input) => api.get(path, queryOf(input)),
  });
}

const queryOf = (input: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(input)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, String(value)]),
  );

const level = z.enum(["L1", "L2", "L3"]).optional();

export const TOOLS: readonly Tool[] = [
  listTool("list_nodes", "nodes", "Nodes", "Machines of the fleet with their state, by name.", {
    text: z.string().min(1).max(200).optional().describe("Part of name, id, system or label"),
  }),
  listTool("list_problems", "problems", "Problems", "Problems, newest first. Begin here.", {
    state: z.enum(["open", "resolved"]).optional(),
    severity: z.enum(["observe", "info", "warning", "critical"]).optional(),
    level: level.describe("L1 repairs itself, L2 needs a decision, L3 needs a person"),
    node: node.optional(),
    text: z.string().min(1).max(200).optional().describe("Part of summary, target or type"),
  }),
  listTool(
    "search_intents",
    "intents",
    "Intents",
    "What was proposed, done, undone and noted, newest first.",
    {
      kind: z.enum(["repair", "note", "milestone", "blocker"]).optional(),
      level,
      node: node.optional(),
      problemId: id.optional(),
      repair: z.string().min(1).max(200).optional(),
      text: z.string().min(1).max(200).optional().describe("Part of summary or text"),
      since: z.iso.datetime().optional(),
      until: z.iso.datetime().optional(),
    },
  ),
  listTool("list_checks", "checks", "Checks", "What is inspected on which node, with the last run.", {
    node: node.optional(),
  }),
  listTool("list_decisions", "decisions", "Decisions", "Proposed repairs and what was decided about them.", {
    state: z.enum(["pending", "approved", "rejected", "expired"]).optional(),
    node: node.optional(),
  }),
  tool({
    name: "explain_problem",
    title: "One problem, explained",
    description:
      "A problem with its evidence, what was tried and decided, and what else happened on that node shortly before.",
    needs: "fleet.read",
    readOnly: true,
    input: z.strictObject({ problem: id.describe("Id of a problem") }),
    run: (api, { problem }) => explain(api, problem),
  }),
  tool({
    name: "node_history",
    title: "History of a node",
    description: "A node as it is now, and its problems and intents of the last hours.",
    needs: "fleet.read",
    readOnly: true,
    input: z.strictObject({ node, hours: z.number().int().min(1).max(720).default(24) }),
    run: (api, input) => history(api, input.node, input.hours),
  }),
  tool({
    name: "propose_repair",
    title: "Ask for a repair to be proposed",
    description:
      "Asks the node of an open problem to propose its repair. Nothing runs by this: people and rules decide about the proposal.",
    needs: "fleet.operate",
    readOnly: false,
    input: z.strictObject({ problem: id.describe("Id of an open problem") }),
    run: (api, { problem }) => api.post(`problems/${problem}/propose`, {}),
  }),
];

async function explain(api: McpApi, problemId: string): Promise<unknown> {
  const problem = await api.get<ProblemItem>(`problems/${problemId}`);
  const opened = Date.parse(problem.openedAt);
  const [intents, decisions, around, before] = await Promise.all([
    api.get<Page<IntentItem>>("intents", { problemId, node: problem.node, limit: "20" }),
    api.get<Page<DecisionItem>>("decisions", { node: problem.node, limit: "50" }),
    api.get<Page<ProblemItem>>("problems", { node: problem.node, limit: "50" }),
    api.get<Page<IntentItem>>("intents", {
      node: problem.node,
      since: new Date(opened - 24 * HOUR_MS).toISOString(),
      until: problem.openedAt,
      limit: "20",
    }),
  ]);
  const bundles = intents.items.flatMap(({ evidenceIds }) => evidenceIds).slice(0, MAX_EVIDENCE);
  return {
    problem,
    intents: intents.items,
    decisions: decisions.items.filter((one) => one.problem?.id === problemId),
    evidence: await Promise.all(bundles.map((bundle) => evidenceOf(api, problem.node, bundle))),
    changedBefore: {
      problems: around.items.filter(
        (one) => one.id !== problemId && Math.abs(Date.parse(one.openedAt) - opened) <= HOUR_MS,
      ),
      intents: before.items,
    },
  };
}

/** A node that can't be asked now keeps the rest of the answer. */
async function evidenceOf(api: McpApi, nodeId: string, bundle: string): Promise<unknown> {
  try {
    const { parts, ...rest } = await api.get<{ parts: Record<string, string> }>(`evidence/${bundle}`, {
      node: nodeId,
    });
    const cut = (text: string) =>
      text.length <= MAX_PART ? text : `${text.slice(0, MAX_PART)}… (${text.length} characters)`;
    return {
      ...rest,
      trust: "untrusted",
      parts: Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, cut(text)])),
    };
  } catch (error) {
    return { id: bundle, missing: error instanceof Error ? error.message : "the node does not answer" };
  }
}

async function history(api: McpApi, nodeId: string, hours: number): Promise<unknown> {
  const detail = await api.get<NodeDetail>(`nodes/${nodeId}`);
  // Time of the answer, not of this machine: nodes and Monitor may differ.
  const since = Date.parse(detail.lastSeenAt) - hours * HOUR_MS;
  const [problems, intents] = await Promise.all([
    api.get<Page<ProblemItem>>("problems", { node: nodeId, limit: "100" }),
    api.get<Page<IntentItem>>("intents", {
      node: nodeId,
      since: new Date(since).toISOString(),
      limit: "100",
    }),
  ]);
  const isRecent = ({ state, openedAt }: ProblemItem) => state === "open" || Date.parse(openedAt) >= since;
  return { node: detail, problems: problems.items.filter(isRecent), intents: intents.items };
}
