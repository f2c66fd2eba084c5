/** The texts that come with these screens. */
import { enChecks } from "../../lib/en.checks.ts";
import { enFleet } from "../../lib/en.fleet.ts";
import { enIntent } from "../../lib/en.intent.ts";
import { enNode } from "../../lib/en.node.ts";
import { enProblem } from "../../lib/en.problem.ts";
import { textsWith } from "../../lib/i18n.ts";

export const text = textsWith(enNode, enFleet, enProblem, enIntent, enChecks);
export type Texts = ReturnType<typeof text>;
