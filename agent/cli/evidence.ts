/** Evidence bundles for people: what was frozen before a repair, part by part, as the node keeps it. */
import { CortexError, isCortexError } from "cortex";
import type { EvidenceBundle } from "../../core/store/agent/agent-store.ts";
import type { Client } from "./client.ts";
import { clean, paint, print, printable, printJson, when } from "./output.ts";

/** As the API has it. */
type EvidenceItem = Omit<EvidenceBundle, "takenAt"> & { takenAt: string };

/** `--evidence` of the commands that show one thing. */
export const evidenceArg = {
  type: "boolean",
  description: "Print what was frozen before the repair: logs, processes, memory, as the node keeps it.",
} as const;

/**
 * Print the bundles with these ids, which the node keeps; one that is gone is named. Errors: `cli.no_evidence` when nothing was
 * taken or nothing is left, and those of a node that can't be asked.
 */
export async function showEvidence(
  client: Client,
  node: { id: string; name: string },
  ids: readonly string[],
  asJson: boolean,
): Promise<void> {
  if (ids.length === 0)
    throw new CortexError(
      "cli.no_evidence",
      "not_found",
      "no evidence: it is frozen when a repair begins, and none has",
    );
  const found: EvidenceItem[] = [];
  for (const id of ids) {
    const bundle = await client
      .get<EvidenceItem>(`evidence/${id}`, { node: node.id })
      .catch((error: unknown) => {
        if (!isCortexError(error) || error.kind !== "not_found") throw error;
        process.stderr.write(`cortex: evidence ${id}: ${clean(error.message)}\n`);
        return null;
      });
    if (bundle !== null) found.push(bundle);
  }
  if (found.length === 0)
    throw new CortexError(
      "cli.no_evidence",
      "not_found",
      "none of its evidence is left; `retention` says how long it is kept",
    );
  if (asJson) return printJson(found);
  for (const bundle of found) print(evidenceText(bundle, node.name));
}

/** A heading for the bundle and one for each part; what the host said can't colour or overwrite anything. */
export const evidenceText = ({ id, takenAt, sha256, parts }: EvidenceItem, nodeName: string): string =>
  [
    `evidence ${id} · frozen ${when(takenAt)} on ${clean(nodeName)} · stored bytes sha256 ${sha256.slice(0, 16)}`,
    ...Object.entries(parts).flatMap(([name, text]) => [
      "",
      paint(`== ${clean(name)} ==`, "bold"),
      printable(text.trimEnd(), false),
    ]),
  ].join("\n");
