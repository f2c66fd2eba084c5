/** The texts that come with these screens. */
import { enFleet } from "../../lib/en.fleet.ts";
import { enWelcome } from "../../lib/en.welcome.ts";
import { textsWith } from "../../lib/i18n.ts";

export const text = textsWith(enWelcome, enFleet);
export type Texts = ReturnType<typeof text>;
