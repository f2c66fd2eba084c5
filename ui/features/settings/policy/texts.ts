import { enDecisions } from "../../../texts/en/decisions.ts";
import { enPolicy } from "../../../texts/en/policy.ts";
import { enSettings } from "../../../texts/en/settings.ts";
import { textsWith } from "../../../texts/i18n.ts";

export const text = textsWith(enSettings, enDecisions, enPolicy);
export type PolicyTexts = typeof enPolicy;
