import { enAudit } from "../../../texts/en/audit.ts";
import { enFleet } from "../../../texts/en/fleet.ts";
import { enIntent } from "../../../texts/en/intent.ts";
import { enReasons } from "../../../texts/en/reasons.ts";
import { enSettings } from "../../../texts/en/settings.ts";
import { textsWith } from "../../../texts/i18n.ts";

export const text = textsWith(enSettings, enFleet, enIntent, enAudit, enReasons);
export type AuditTexts = Pick<ReturnType<typeof text>, "auditEntry" | "grants" | "account" | "reasons">;
