import { enDecisions } from "../../../lib/en.decisions.ts";
import { enPolicy } from "../../../lib/en.policy.ts";
import { enSettings } from "../../../lib/en.settings.ts";
import { textsWith } from "../../../lib/i18n.ts";

export const text = textsWith(enSettings, enDecisions, enPolicy);
export type PolicyTexts = typeof enPolicy;
