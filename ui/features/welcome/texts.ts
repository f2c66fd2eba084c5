/** The texts that come with these screens. */
import { enFleet } from "../../texts/en/fleet.ts";
import { enWelcome } from "../../texts/en/welcome.ts";
import { textsWith } from "../../texts/i18n.ts";

export const text = textsWith(enWelcome, enFleet);
export type Texts = ReturnType<typeof text>;
