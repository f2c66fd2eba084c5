/** The texts that come with the palette. */
import { enIntent } from "../lib/en.intent.ts";
import { enNode } from "../lib/en.node.ts";
import { enPalette } from "../lib/en.palette.ts";
import { textsWith } from "../lib/i18n.ts";

export const text = textsWith(enPalette, enNode, enIntent);
