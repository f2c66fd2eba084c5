/** The texts that come with these screens. */
import { enEnrol } from "../../texts/en/enrol.ts";
import { enNode } from "../../texts/en/node.ts";
import { textsWith } from "../../texts/i18n.ts";

export const text = textsWith(enEnrol, enNode);
export type Texts = ReturnType<typeof text>;
