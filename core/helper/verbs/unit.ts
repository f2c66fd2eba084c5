/** Start, restart and reload of one unit of systemd, and the start of the mount unit behind a mount point. */
import { type Effect, type ExecResult, normal, type UnitVerb } from "cortex";
import { isProtectedUnit } from "../../domain/decide/invariants.ts";
import type { HelperPolicy } from "../../domain/helper-policy.ts";
import { exactUnit } from "../../domain/privileges.ts";
import { defineVerb, type VerbPorts } from "../verb.ts";

interface UnitAct {
  unit: string;
  verb: UnitVerb;
}

/** Longer than the 90 s that systemd itself gives a start by default. */
const JOB_MS = 100_000;
const PROPERTIES = ["Id", "LoadState", "UnitFileState", "ActiveState"];

/** A start of these is a reboot, a root shell on the console, or Cortex itself: no word of anybody makes that a repair of a unit. */
const NEVER =
  /^(cortex|systemd-(reboot|poweroff|halt|kexec|soft-reboot|suspend|hibernate|hybrid-sleep)|emergency|rescue|debug-shell|initrd|dracut|plymouth)([@.-]|$)/;
/** What the machine itself stands on: only where its administrator names it. */
const FOUNDATION =
  /^(systemd|user|getty|serial-getty|console-getty|NetworkManager|networking|wpa_supplicant|tailscaled|wg-quick|lvm2|multipathd|iscsid)([@.-]|$)/;

/** systemd.unit(5), "string escaping for inclusion in unit names": `/data/my disk` → `data-my\x20disk.mount`. */
function mountUnitOf(path: string): string {
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.length === 0) return "-.mount";
  const escaped = parts.map((part) =>
    [...Buffer.from(part)]
      .map((byte, at) => {
        const char = String.fromCharCode(byte);
        const isPlain = /[A-Za-z0-9:_.]/.test(char) && !(at === 0 && char === ".");
        return isPlain ? char : `\\x${byte.toString(16).padStart(2, "0")}`;
      })
      .join(""),
  );
  return `${escaped.join("-")}.mount`;
}

function read(effect: Effect): UnitAct | null {
  if (effect.kind === "mount") {
    const isStraight = effect.verb === "mount" && normal(effect.path) === effect.path;
    return isStraight ? { unit: mountUnitOf(effect.path), verb: "start" } : null;
  }
  if (effect.kind !== "service" || effect.verb === "stop") return null;
  return { unit: effect.name, verb: effect.verb };
}

function leave({ unit, verb }: UnitAct, { alone, decided }: HelperPolicy) {
  if (!exactUnit.safeParse(unit).success || NEVER.test(unit)) return null;
  const names = (units: Record<string, readonly UnitVerb[]>) =>
    Object.hasOwn(units, unit) && units[unit]!.includes(verb);
  if (names(alone.units)) return "alone";
  if (decided.units === "any") return isProtectedUnit(unit) || FOUNDATION.test(unit) ? null : "decided";
  return names(decided.units) ? "decided" : null;
}

async function show(unit: string, { exec }: VerbPorts): Promise<Record<string, string>> {
  const argv = ["systemctl", "show", "--no-pager", `--property=${PROPERTIES.join(",")}`, "--", unit];
  const { exitCode, stdout } = await exec.run(argv);
  if (exitCode !== 0) return {};
  const lines = stdout.split("\n").filter((line) => line.includes("="));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

export const unitVerb = defineVerb<UnitAct>({
  name: "unit",
  floor: "R2",
  read,
  target: ({ unit }) => unit,
  describe: ({ unit, verb }) => `${verb} ${unit}`,
  leave,
  async unmet({ unit }, ports) {
    const state = await show(unit, ports);
    // An alias would be another unit than the one that was looked at and approved.
    if (state["Id"] !== unit) return `${unit} is another name of ${state["Id"] || "nothing"}`;
    if (state["LoadState"] !== "loaded") return `${unit} is ${state["LoadState"] || "unknown"}`;
    return state["UnitFileState"]?.startsWith("masked")
      ? `${unit} is masked: somebody forbade its start`
      : null;
  },
  async run({ unit, verb }, ports) {
    const before = await show(unit, ports);
    if (verb !== "reload" && before["ActiveState"] === "failed")
      await ports.exec.run(["systemctl", "reset-failed", "--", unit]);
    const argv = ["systemctl", verb, "--no-ask-password", "--", unit];
    const result = await ports.exec.run(argv, { timeoutMs: JOB_MS });
    const activeState = (await show(unit, ports))["ActiveState"] ?? "unknown";
    const data = { argv, exitCode: result.exitCode, durationMs: result.durationMs, activeState };
    if (result.exitCode === 0)
      return { ok: true, summary: `${unit}: ${verb} done, now ${activeState}`, data };
    return {
      ok: false,
      summary: `systemctl ${verb} ${unit} failed: ${why(result)}; look at "journalctl -u ${unit}"`,
      data,
    };
  },
});

function why({ timedOut, stderr, stdout, exitCode }: ExecResult): string {
  if (timedOut) return `no end after ${JOB_MS / 1000} s`;
  const first = `${stderr}\n${stdout}`.split("\n").find((text) => text.trim() !== "");
  return first?.trim().slice(0, 300) ?? `exit code ${exitCode ?? "none"}`;
}
