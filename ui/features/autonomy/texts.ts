/** The texts that come with this screen. */
import { enAutonomy } from "../../texts/en/autonomy.ts";
import { textsWith } from "../../texts/i18n.ts";

export const text = textsWith(enAutonomy);
