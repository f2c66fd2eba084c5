/** The texts that come with these screens. */
import { enSettings } from "../../lib/en.settings.ts";
import { enSignIn } from "../../lib/en.sign-in.ts";
import { textsWith } from "../../lib/i18n.ts";

export const text = textsWith(enSignIn, enSettings);
export type Texts = ReturnType<typeof text>;
