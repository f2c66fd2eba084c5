/** The texts that come with these screens. */
import { enChecks } from "../../lib/en.checks.ts";
import { enFleet } from "../../lib/en.fleet.ts";
import { enNode } from "../../lib/en.node.ts";
import { textsWith } from "../../lib/i18n.ts";

export const text = textsWith(enChecks, enFleet, enNode);
export type Texts = ReturnType<typeof text>;
