/** The texts that come with these screens. */
import { enFleet } from "../../texts/en/fleet.ts";
import { enProblem } from "../../texts/en/problem.ts";
import { enWelcome } from "../../texts/en/welcome.ts";
import { textsWith } from "../../texts/i18n.ts";

export const text = textsWith(enWelcome, enFleet, enProblem);
export type Texts = ReturnType<typeof text>;
