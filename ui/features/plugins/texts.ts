/** The texts that come with these screens. */
import { enChecks } from "../../lib/en.checks.ts";
import { enNode } from "../../lib/en.node.ts";
import { textsWith } from "../../lib/i18n.ts";

export const text = textsWith(enChecks, enNode);
export type Texts = ReturnType<typeof text>;
