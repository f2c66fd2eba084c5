/** The texts that come with these screens. */
import { enFleet } from "../../texts/en/fleet.ts";
import { enIntent } from "../../texts/en/intent.ts";
import { enNode } from "../../texts/en/node.ts";
import { enSettings } from "../../texts/en/settings.ts";
import { enSignIn } from "../../texts/en/sign-in.ts";
import { textsWith } from "../../texts/i18n.ts";

export const text = textsWith(enSettings, enSignIn, enIntent, enFleet, enNode);
export type Texts = ReturnType<typeof text>;
