/** The texts that come with the palette. */
import { enIntent } from "../texts/en/intent.ts";
import { enNode } from "../texts/en/node.ts";
import { enProblem } from "../texts/en/problem.ts";
import { enPalette } from "../texts/en/palette.ts";
import { textsWith } from "../texts/i18n.ts";

export const text = textsWith(enPalette, enNode, enIntent, enProblem);
