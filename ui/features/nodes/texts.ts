/** The texts that come with these screens. */
import { enChecks } from "../../texts/en/checks.ts";
import { enFleet } from "../../texts/en/fleet.ts";
import { enIntent } from "../../texts/en/intent.ts";
import { enNode } from "../../texts/en/node.ts";
import { enProblem } from "../../texts/en/problem.ts";
import { textsWith } from "../../texts/i18n.ts";

export const text = textsWith(enNode, enFleet, enProblem, enIntent, enChecks);
export type Texts = ReturnType<typeof text>;
