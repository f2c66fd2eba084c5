import { createHash } from "node:crypto";

/** Strong: equal bytes, equal tag. */
export const etagOf = (text: string): string => `"${createHash("sha256").update(text).digest("base64url")}"`;
