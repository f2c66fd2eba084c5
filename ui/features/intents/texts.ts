/** The texts that come with these screens. */
import { enIntent } from "../../lib/en.intent.ts";
import { enProblem } from "../../lib/en.problem.ts";
import { textsWith } from "../../lib/i18n.ts";

export const text = textsWith(enIntent, enProblem);
export type Texts = ReturnType<typeof text>;
