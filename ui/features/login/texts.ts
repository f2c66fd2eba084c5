/** The texts that come with these screens. */
import { enSignIn } from "../../lib/en.sign-in.ts";
import { textsWith } from "../../lib/i18n.ts";

export const text = textsWith(enSignIn);
export type Texts = ReturnType<typeof text>;
