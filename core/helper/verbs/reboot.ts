/** Boot the host again. Asked for by name alone: with which command is the helper's own business. */
import { defineVerb } from "../verb.ts";

const TIMEOUT_MS = 60_000;

export const rebootVerb = defineVerb<"reboot">({
  name: "reboot",
  floor: "R3",
  // One that did not help is a person's business.
  mostADay: 1,
  read: (effect) => (effect.kind === "host" && effect.verb === "reboot" ? "reboot" : null),
  target: () => "host",
  describe: () => "reboot the host",
  leave: (_act, { decided }) => (decided.reboot ? "decided" : null),
  unmet: () => Promise.resolve(null),
  async run(_act, { exec }) {
    const argv = ["systemctl", "reboot", "--no-ask-password"];
    const { exitCode, timedOut, stderr } = await exec.run(argv, { timeoutMs: TIMEOUT_MS });
    const data = { argv, exitCode };
    if (exitCode === 0) return { ok: true, summary: "the host was asked to boot again", data };
    const why = timedOut ? `no answer within ${TIMEOUT_MS / 1000} s` : stderr.trim().split("\n")[0];
    return { ok: false, summary: `systemctl reboot failed: ${why || `exit code ${exitCode}`}`, data };
  },
});
