/** The texts that come with these screens. */
import { enFleet } from "../../texts/en/fleet.ts";
import { enIntent } from "../../texts/en/intent.ts";
import { enProblem } from "../../texts/en/problem.ts";
import { textsWith } from "../../texts/i18n.ts";

export const text = textsWith(enFleet, enProblem, enIntent);
export type Texts = ReturnType<typeof text>;
