/** The texts that come with this screen. */
import { enFleet } from "../../texts/en/fleet.ts";
import { enIntent } from "../../texts/en/intent.ts";
import { enProblem } from "../../texts/en/problem.ts";
import { enWall } from "../../texts/en/wall.ts";
import { textsWith } from "../../texts/i18n.ts";

export const text = textsWith(enFleet, enProblem, enIntent, enWall);
