/** The texts that come with these screens. */
import { enSignIn } from "../../texts/en/sign-in.ts";
import { textsWith } from "../../texts/i18n.ts";

export const text = textsWith(enSignIn);
export type Texts = ReturnType<typeof text>;
