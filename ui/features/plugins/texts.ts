/** The texts that come with these screens. */
import { enChecks } from "../../texts/en/checks.ts";
import { enFleet } from "../../texts/en/fleet.ts";
import { enNode } from "../../texts/en/node.ts";
import { textsWith } from "../../texts/i18n.ts";

export const text = textsWith(enChecks, enFleet, enNode);
export type Texts = ReturnType<typeof text>;
