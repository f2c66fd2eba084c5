/** Hash every entry of every chain again, and say whether they hold. */
import { createSignal } from "solid-js";
import { errorText } from "../../kit/states.tsx";
import { toast } from "../../kit/toast.tsx";
import { ApiError } from "../../data/api.ts";
import { api } from "../../data/app.ts";
import { formatCount } from "../../lib/format.model.ts";
import { locale } from "../../texts/i18n.ts";
import type { Verification } from "../../data/types.ts";
import { text, type Texts } from "./texts.ts";

const [verifying, setVerifying] = createSignal(false);
const [verification, setVerification] = createSignal<Verification | null>(null);
export { verifying, verification };

export function verificationText(found: Verification, t: Pick<Texts, "verify">): string {
  const broken = found.firstBroken;
  const chains = found.chains ?? [];
  if (broken !== null) {
    const name = chains.find((one) => one.state === "broken")?.nodeName ?? broken.origin;
    return t.verify.broken(name, broken.seq, broken.reason);
  }
  const left = chains.filter((one) => one.state === "unverified").length;
  const holds = t.verify.holds(formatCount(found.entries, locale()));
  return left === 0 ? holds : `${holds}${t.verify.unverified(formatCount(left, locale()))}`;
}

export async function verifyLedger(): Promise<void> {
  if (verifying()) return;
  setVerifying(true);
  try {
    const found = await api.verify();
    setVerification(found);
    toast(verificationText(found, text()), found.ok ? "ok" : "bad");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(errorText(error), "bad");
  } finally {
    setVerifying(false);
  }
}
