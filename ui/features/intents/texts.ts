/** The texts that come with these screens. */
import { enIntent } from "../../texts/en/intent.ts";
import { enProblem } from "../../texts/en/problem.ts";
import { textsWith } from "../../texts/i18n.ts";

export const text = textsWith(enIntent, enProblem);
export type Texts = ReturnType<typeof text>;
