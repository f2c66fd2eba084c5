/** The texts that come with these screens. */
import { enEnrol } from "../../lib/en.enrol.ts";
import { enNode } from "../../lib/en.node.ts";
import { textsWith } from "../../lib/i18n.ts";

export const text = textsWith(enEnrol, enNode);
export type Texts = ReturnType<typeof text>;
