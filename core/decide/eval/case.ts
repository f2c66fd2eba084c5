/**
 * A case of the evaluation: one proposed repair in one situation, and what has to come of it. Data only, a line of JSON each;
 * how hostile cases come about is told in docs/guides/let-cortex-decide.md.
 */
import * as z from "zod";
import { REASON_CODES } from "../../domain/decide/reasons.ts";

const text = z.string().max(5000);
const target = z.string().max(1000);

/** `policy/deny/protected_unit`: layer, verdict, reason. A reason of `*` stands for any: models word their doubts freely. */
export const expectation = z.string().transform((line, context) => {
  const [layer, verdict, reason, ...rest] = line.split("/");
  const parsed = z
    .object({
      layer: z.enum(["policy", "exec", "llm"]),
      verdict: z.enum(["allow", "human", "deny"]),
      reason: z.enum([...REASON_CODES, "*"]),
    })
    .safeParse({ layer, verdict, reason });
  if (parsed.success && rest.length === 0) return parsed.data;
  context.addIssue({
    code: "custom",
    message: `${line} is no layer/verdict/reason`,
  });
  return z.NEVER;
});
export type Expectation = z.output<typeof expectation>;

const activity = z.strictObject({
  node: z.string(),
  class: z.string(),
  /** Minutes ago. */
  started: z.number().default(1),
  ended: z.number().nullable().default(null),
});

/** What is different from an ordinary, quiet day. */
const world = z.strictObject({
  attempts: z.number().int().default(0),
  cooling: z.boolean().default(false),
  repairsOff: z.boolean().default(false),
  frozen: z.string().optional(),
  commonCause: z.boolean().default(false),
  activity: z.array(activity).default([]),
  seenAlive: z.boolean().optional(),
  healthy: z.number().int().optional().describe("Healthy nodes of the group; default all but this one"),
  mode: z.enum(["act", "ask", "observe", "shadow"]).default("ask"),
  unseen: z.boolean().default(false).describe("The node was never seen to have this target"),
  admins: z.array(z.string()).default(["root", "ops"]),
  precondition: z.string().optional().describe("A precondition that does not hold"),
  missing: z.array(z.string()).default([]).describe("Repairs that the node does not have"),
});

const proposer = z.strictObject({
  kind: z.enum(["node", "user", "key", "mcp", "local"]),
  /** Nodes that it may propose for. */
  nodes: z.array(z.string()).default([]),
  scopeHolds: z.boolean().default(true),
});

/** The moment at which the node looks at an approval, and what is wrong with it then. */
const exec = z.strictObject({
  /** Changed before signing: what a Monitor could have signed. */
  signed: z.record(z.string(), z.unknown()).default({}),
  /** Changed after signing. */
  altered: z.record(z.string(), z.unknown()).default({}),
  foreignKey: z.boolean().default(false).describe("Signed by a key that the node does not know"),
  used: z.boolean().default(false).describe("The nonce was used before"),
  minutesLater: z.number().default(0),
  /** Minutes on the clock that does not jump, where the wall clock was set back. */
  minutesHeld: z.number().optional(),
  state: z.string().default("proposed"),
  problemEnded: z.boolean().default(false),
  registered: z.boolean().default(true),
  mode: z.enum(["ask", "observe"]).default("ask"),
  /** Parameters of which the plan is made when it is measured again. */
  planNow: z.record(z.string(), z.unknown()).optional(),
  planFails: z.boolean().default(false),
  /** Symbolic links of the host: path → where it leads. */
  links: z.record(z.string(), z.string()).default({}),
  people: z.array(z.string()).default(["user:anna"]),
  approver: z.enum(["human", "llm", "policy"]).default("human"),
});

const situation = z.strictObject({
  node: z.string().default("web-03"),
  /** More nodes than the one: what a selector came to. */
  nodes: z.array(z.string()).optional(),
  do: z.looseObject({ repair: z.string() }),
  /** Effects instead of those of the repair; null: it does not say. */
  effects: z.array(z.unknown()).nullable().optional(),
  undo: z.boolean().optional(),
  version: z.number().int().default(1),
  claims: z.enum(["R0", "R1", "R2", "R3", "R4"]).optional().describe("Class as the intent has it"),
  target: target.optional().describe("Default what the problem is about"),
  problem: z.strictObject({ type: z.string().optional(), target: target.optional() }).nullable().optional(),
  evidence: z.enum(["agent", "platform", "untrusted", "none"]).default("agent"),
  /** What the evidence speaks of, where that is not the target. */
  evidenceOf: z
    .strictObject({
      nodes: z.array(z.string()).optional(),
      target: target.optional(),
    })
    .optional(),
  /** Text that anybody could have written. */
  text: z.union([text, z.array(text)]).optional(),
  /** Measured by the node's program. */
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  world: world.prefault({}),
  by: proposer.optional(),
  /** Rules of the policy; default one that leaves R0 to R2 to a judge. */
  rules: z.array(z.unknown()).optional(),
  exec: exec.optional(),
  expect: expectation,
});
export type Situation = z.output<typeof situation>;

const id = z.string().regex(/^[A-Z]{3}-\d{2,3}$/);

const line = z.looseObject({
  id,
  class: z.string().max(100).describe("Of attack, or `benign`"),
  /** What is different in its clean twin; every hostile case has one. */
  clean: z.record(z.string(), z.unknown()).optional(),
});

export interface EvalCase {
  id: string;
  /** `log injection`, …; `benign`. */
  attack: string;
  situation: Situation;
  /** The same without what is wrong in it. */
  clean: Situation | null;
}

/** Cases of JSON Lines. Throws with the line's id at the first that does not fit. */
export function parseCases(jsonl: string): EvalCase[] {
  const lines = jsonl.split("\n").filter((one) => one.trim() !== "");
  const cases = lines.map((one, index) => parseCase(one, index + 1));
  const double = cases.find(({ id: name }, index) => cases.findIndex((one) => one.id === name) !== index);
  if (double !== undefined) throw new Error(`two cases are called ${double.id}`);
  return cases;
}

function parseCase(json: string, number: number): EvalCase {
  let name = `line ${number}`;
  try {
    const { id: caseId, class: attack, clean, ...rest } = line.parse(JSON.parse(json));
    name = caseId;
    const { text: _, ...unspoken } = rest;
    return {
      id: caseId,
      attack,
      situation: situation.parse(rest),
      clean: clean === undefined ? null : situation.parse({ ...unspoken, ...clean }),
    };
  } catch (error) {
    const said =
      error instanceof z.ZodError
        ? error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")
        : String(error);
    throw new Error(`${name}: ${said}`, { cause: error });
  }
}

export const isHostile = ({ attack }: EvalCase): boolean => attack !== "benign";
