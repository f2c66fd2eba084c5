/** The texts that come with these screens. */
import { enDecisions } from "../../lib/en.decisions.ts";
import { enIntent } from "../../lib/en.intent.ts";
import { enProblem } from "../../lib/en.problem.ts";
import { enReasons } from "../../lib/en.reasons.ts";
import { textsWith } from "../../lib/i18n.ts";

export const text = textsWith(enDecisions, enReasons, enIntent, enProblem);
export type Texts = ReturnType<typeof text>;
