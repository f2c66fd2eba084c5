/** The texts that come with this screen. */
import { enAutonomy } from "../../lib/en.autonomy.ts";
import { textsWith } from "../../lib/i18n.ts";

export const text = textsWith(enAutonomy);
