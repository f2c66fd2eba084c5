/** The texts that come with these screens. */
import { enDecisions } from "../../lib/en.decisions.ts";
import { enReasons } from "../../lib/en.reasons.ts";
import { textsWith } from "../../lib/i18n.ts";

export const text = textsWith(enDecisions, enReasons);
export type Texts = ReturnType<typeof text>;
