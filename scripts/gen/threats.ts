/** docs/security/threats.md: each threat with what stands against it and the tests that prove it, by their names. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import { type NamedTest, namedTests } from "../lib/test-names.ts";
import { rootDir } from "../lib/tree.ts";
import type { GeneratedFile } from "./files.ts";
import { GENERATED, table } from "./markdown.ts";

/** Why nothing proves a threat yet, and what that means for whoever runs Cortex. */
const OPEN = {
  decisions: "Comes with decisions: until then nothing that needs an approval is carried out.",
  alerts: "Comes with alert channels: until then nothing is sent to anybody.",
  operation: "Comes with backup, restore and release tooling.",
  "runtime-only": "Held by the runtime or the system, see the control; there is nothing of ours to test.",
} as const;

const listSchema = z.array(
  z.strictObject({
    part: z.string(),
    threats: z.array(
      z.strictObject({
        id: z.string().regex(/^T\d{2,3}$/),
        stride: z.string().regex(/^[STRIDE](\/[STRIDE])*$/),
        threat: z.string(),
        control: z.string(),
        open: z.enum(Object.keys(OPEN) as [keyof typeof OPEN]).optional(),
        because: z.string().optional().describe("What this tree has to say beyond the reason."),
      }),
    ),
  }),
);
type Threat = z.infer<typeof listSchema>[number]["threats"][number];

const SOURCE = "docs/security/threats.yaml";

export async function generateThreats(): Promise<GeneratedFile[]> {
  const parts = listSchema.parse(parse(readFileSync(join(rootDir, SOURCE), "utf8")));
  const proofs = Map.groupBy(
    namedTests().flatMap((proof) => proof.threats.map((id) => ({ id, proof }))),
    ({ id }) => id,
  );
  const known = parts.flatMap(({ threats }) => threats.map(({ id }) => id));
  const unknown = [...proofs.keys()].filter((id) => !known.includes(id));
  if (unknown.length > 0)
    throw new Error(`tests name threats that ${SOURCE} does not have: ${unknown.join(", ")}`);
  const proofsOf = (threat: Threat) => (proofs.get(threat.id) ?? []).map(({ proof }) => proof);
  const all = parts.flatMap(({ threats }) => threats);
  const proven = all.filter((threat) => proofsOf(threat).length > 0).length;
  const content = [
    GENERATED,
    "# Threats",
    `What can go wrong on purpose, what stands against it, and the tests that prove it: ${proven} of ${all.length} are proven ` +
      "by tests whose names begin with the id. The others say why not. Letters: spoofing, tampering, repudiation, " +
      "information disclosure, denial of service, elevation.",
    ...parts.flatMap(({ part, threats }) => [
      `## ${part}`,
      table(
        ["id", "", "threat", "control", "proof"],
        threats.map((threat) => [
          threat.id,
          threat.stride,
          threat.threat,
          threat.control,
          proofText(threat, proofsOf(threat)),
        ]),
        "",
      ),
    ]),
  ].join("\n\n");
  return [{ path: "docs/security/threats.md", content: `${content}\n` }];
}

const SHOWN = 4;

function proofText(threat: Threat, proofs: NamedTest[]): string {
  const because = threat.because === undefined ? "" : ` ${threat.because}`;
  if (proofs.length === 0) {
    const reason = threat.open === undefined ? "**Nothing proves this yet.**" : OPEN[threat.open];
    return `${reason}${because}`;
  }
  const names = proofs
    .slice(0, SHOWN)
    .map(({ file, name }) => `[${plain(name)}](../../${file})`)
    .join("; ");
  return `${names}${proofs.length > SHOWN ? `; and ${proofs.length - SHOWN} more` : ""}${because}`;
}

/** As link text: the id is in its own column, and brackets would end the link. */
const plain = (name: string) =>
  name
    .replace(/^(T\d{2,3}[\s,/]*)+/, "")
    .replaceAll(/[[\]]/g, "")
    .replaceAll("<", "&lt;");
