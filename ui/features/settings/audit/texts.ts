import { enAudit } from "../../../lib/en.audit.ts";
import { enFleet } from "../../../lib/en.fleet.ts";
import { enIntent } from "../../../lib/en.intent.ts";
import { enSettings } from "../../../lib/en.settings.ts";
import { textsWith } from "../../../lib/i18n.ts";

export const text = textsWith(enSettings, enFleet, enIntent, enAudit);
export type AuditTexts = Pick<ReturnType<typeof text>, "auditEntry" | "grants" | "account">;
