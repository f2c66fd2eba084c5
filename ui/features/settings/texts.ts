/** The texts that come with these screens. */
import { enFleet } from "../../lib/en.fleet.ts";
import { enIntent } from "../../lib/en.intent.ts";
import { enNode } from "../../lib/en.node.ts";
import { enSettings } from "../../lib/en.settings.ts";
import { enSignIn } from "../../lib/en.sign-in.ts";
import { textsWith } from "../../lib/i18n.ts";

export const text = textsWith(enSettings, enSignIn, enIntent, enFleet, enNode);
export type Texts = ReturnType<typeof text>;
