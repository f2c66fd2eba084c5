/** The texts that come with these screens. */
import { enDecisions } from "../../texts/en/decisions.ts";
import { enIntent } from "../../texts/en/intent.ts";
import { enProblem } from "../../texts/en/problem.ts";
import { enReasons } from "../../texts/en/reasons.ts";
import { textsWith } from "../../texts/i18n.ts";

export const text = textsWith(enDecisions, enReasons, enIntent, enProblem);
export type Texts = ReturnType<typeof text>;
