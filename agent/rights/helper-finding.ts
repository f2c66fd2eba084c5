/** What `cortex doctor` says about the privileged helper: whether there is one, and what Cortex may do through it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isCortexError, messageOf } from "cortex";
import type { Config } from "../../core/config/schema.ts";
import type { HelperPolicy } from "../../core/domain/helper-policy.ts";
import { fingerprintWords } from "../../core/domain/node-key.ts";
import { loadDecisionKey } from "../../core/store/identity.ts";
import { createUpstreamFiles } from "../../core/store/upstream.ts";
import { helperStatus } from "./root-helper.ts";

interface HelperFinding {
  what: "helper";
  status: "ok" | "warning";
  text: string;
}

const finding = (status: HelperFinding["status"], text: string): HelperFinding => ({
  what: "helper",
  status,
  text,
});

/** The key whose decisions this node carries out now; null when there is none yet, or it can't be read by who asks. */
export function decidesNow(keysDir: string): Uint8Array | null {
  try {
    const joined = createUpstreamFiles(keysDir).read();
    if (joined !== null)
      return joined.decisionKey === null ? null : Buffer.from(joined.decisionKey, "base64");
    return existsSync(join(keysDir, "decision.key")) ? loadDecisionKey(keysDir).publicKey : null;
  } catch {
    return null;
  }
}

/** Null where none is installed: most machines need none. `decides`: see `decidesNow`. */
export async function examineHelper(
  { socket, policy }: Config["privileges"]["helper"],
  decides: Uint8Array | null,
): Promise<HelperFinding | null> {
  if (!existsSync(socket))
    return existsSync(policy)
      ? finding(
          "warning",
          `${policy} is there, but nothing listens at ${socket}; run: systemctl enable --now cortex-helper.socket`,
        )
      : null;
  try {
    const { decided, alone, trusted, budgets } = await helperStatus(socket);
    const asked = [unitsOf(decided.units), decided.reboot ? "a reboot" : null].filter((one) => one !== null);
    const free = unitsOf(alone.units);
    if (asked.length === 0 && free === null)
      return finding("warning", `allows nothing; name units in ${policy}`);
    if (asked.length > 0 && trusted.length === 0)
      return finding("warning", "trusts nobody's approval; run: sudo cortex helper trust add --from-node");
    const words = decides && fingerprintWords(decides);
    if (asked.length > 0 && words !== null && !trusted.includes(words))
      return finding(
        "warning",
        `does not trust the key that decides now, and so refuses its approvals; its words: ${words}. Compare them with ` +
          "`cortex helper key` on the Monitor, then run: sudo cortex helper trust remove monitor; " +
          "sudo cortex helper trust add --from-node --yes",
      );
    const may = [
      asked.length === 0 ? null : `with an approval ${asked.join(" and ")}`,
      free && `alone ${free}`,
    ].filter((one) => one !== null);
    return finding(
      "ok",
      `as root, ${may.join("; ")}; ${budgets.usedThisHour} of ${budgets.perHour} acts used in the last hour`,
    );
  } catch (error) {
    const isStranger = isCortexError(error) && error.code === "socket.no_answer";
    return finding(
      "warning",
      isStranger ? "answers only the user of the agent and root; ask as one of them" : messageOf(error),
    );
  }
}

function unitsOf(units: HelperPolicy["decided"]["units"]): string | null {
  if (units === "any") return "any unit that does not guard the machine";
  const names = Object.entries(units).map(([unit, verbs]) => `${unit} (${verbs.join(", ")})`);
  return names.length === 0 ? null : names.join(", ");
}
