/** The texts that come with these screens. */
import { enFleet } from "../../lib/en.fleet.ts";
import { enIntent } from "../../lib/en.intent.ts";
import { enProblem } from "../../lib/en.problem.ts";
import { textsWith } from "../../lib/i18n.ts";

export const text = textsWith(enProblem, enIntent, enFleet);
export type Texts = ReturnType<typeof text>;
