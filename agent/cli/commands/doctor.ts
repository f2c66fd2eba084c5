/** `cortex doctor`: is this installation fit to do its work? Each line says what to do about it. */
import { existsSync, statfsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { formatBytes, isCortexError, messageOf } from "cortex";
import type { LadderItem } from "../../../core/http/types.ts";
import type { Settings as ApiSettings } from "../../../core/http/routes/settings.ts";
import type { Verification } from "../../../core/monitor/verify.ts";
import { EXPIRY_WARNING_MS } from "../../../core/ports/network/server-certificate.ts";
import { decidesNow, examineHelper } from "../../rights/helper-finding.ts";
import { howToStart } from "../../last-start.ts";
import { loadSettings, type Settings, type SettingsOptions } from "../../settings.ts";
import { type ConnectionArgs, withClient } from "../client.ts";
import { command, connectionArgs } from "../command.ts";
import { fileInUse, pluginsDirInUse } from "../daemon-file.ts";
import { daemonPid } from "../offline.ts";
import { print, printJson, state, table } from "../output.ts";
import { whyNot } from "./decisions.ts";
import { sumText } from "./intents.ts";

interface Finding {
  what: string;
  status: "ok" | "warning" | "critical";
  text: string;
}

/** Below this the store can't grow through a bad day. */
const LEAST_FREE_BYTES = 256 * 2 ** 20;

export default command({
  name: "doctor",
  description: "Examine this installation; exit 1 on warnings, 2 when something must be done.",
  args: {
    ...connectionArgs,
    security: {
      type: "boolean",
      description: "Audit this installation: rights, keys, people, plugins, units, polkit, kernel.",
    },
    "plugins-dir": { type: "string", description: "Folder of your own plugins.", valueHint: "DIR" },
    root: {
      type: "string",
      description: "With --security: root of the system to look at; default /.",
      valueHint: "DIR",
    },
  },
  async run(args) {
    if (args.security) return audit(args);
    const findings: Finding[] = [];
    const settings = await examineConfig(args, findings);
    examineHost(findings);
    if (settings !== null) {
      const helper = await examineHelper(
        settings.config.privileges.helper,
        decidesNow(join(settings.dataDir, "keys")),
      );
      if (helper !== null) findings.push(helper);
      examineDataDir(settings, findings);
      await examineDaemon(args, settings, findings);
    }
    if (args.json) printJson(findings);
    else
      print(
        table(
          ["STATUS", "WHAT", "FINDING"],
          findings.map((one) => [state(one.status), one.what, one.text]),
        ),
      );
    const statuses = findings.map((one) => one.status);
    return statuses.includes("critical") ? 2 : statuses.includes("warning") ? 1 : 0;
  },
});

/** Exit 1 on warnings, 2 when something must be done. A file whose rights are unsafe is itself the finding. */
async function audit(
  args: ConnectionArgs & SettingsOptions & { root?: string | undefined; json?: boolean | undefined },
): Promise<number> {
  const { auditSecurity } = await import("../../security/audit.ts");
  const found = loadSettings(args, { trustFile: true });
  const config = args.config ?? (await fileInUse(found)) ?? undefined;
  const folder = args["plugins-dir"] ?? (await pluginsDirInUse(found));
  const settings =
    config === args.config && folder === args["plugins-dir"]
      ? found
      : loadSettings({ ...args, config, "plugins-dir": folder }, { trustFile: true });
  const findings = await auditSecurity(args, settings);
  if (args.json) printJson(findings);
  else {
    const shown = findings.toSorted((a, b) => rank(b.status) - rank(a.status));
    print(
      table(
        ["STATUS", "WHAT", "FINDING"],
        shown.map((one) => [
          state(one.status),
          one.what,
          one.run === null ? one.text : `${one.text} → ${one.run}`,
        ]),
      ),
    );
    const count = (status: string) => findings.filter((one) => one.status === status).length;
    print(`${count("critical")} critical, ${count("warning")} warnings, ${count("ok")} ok`);
  }
  return Math.max(0, ...findings.map((one) => rank(one.status)));
}

const rank = (status: Finding["status"]) => ["ok", "warning", "critical"].indexOf(status);

/** The daemon's own file where one runs: it may have been started with another one than this command would find. */
async function examineConfig(args: SettingsOptions, findings: Finding[]): Promise<Settings | null> {
  const what = "configuration";
  try {
    const found = loadSettings(args);
    const inUse = await fileInUse(found);
    const own = found.path && resolve(found.path);
    const file = own ?? "no file, all defaults";
    if (inUse === undefined || inUse === own) {
      findings.push({ what, status: "ok", text: file });
      return found;
    }
    if (args.config !== undefined || inUse === null) {
      const used = inUse ?? "no file, but all defaults";
      findings.push({
        what,
        status: "warning",
        text: `${file} holds no mistake; the running daemon uses ${used}`,
      });
      return found;
    }
    const folder = args["plugins-dir"] ?? (await pluginsDirInUse(found));
    const settings = loadSettings({ ...args, config: inUse, "plugins-dir": folder });
    findings.push({ what, status: "ok", text: `${inUse}, as the running daemon` });
    return settings;
  } catch (error) {
    findings.push({ what, status: "critical", text: messageOf(error) });
    return null;
  }
}

function examineHost(findings: Finding[]): void {
  const root = process.getuid?.() === 0;
  findings.push({
    what: "rights",
    status: root ? "ok" : "warning",
    text: root
      ? "runs as root: every built-in repair is possible"
      : "not root: some readings and repairs are not possible here",
  });
  const systemd = existsSync("/run/systemd/system");
  findings.push({
    what: "systemd",
    status: "ok",
    text: systemd ? "is running" : "is not running: its units are not inspected",
  });
  const pressure = existsSync("/proc/pressure");
  findings.push({
    what: "pressure",
    status: "ok",
    text: pressure ? "the kernel reports stalls" : "this kernel reports none (CONFIG_PSI)",
  });
}

function examineDataDir(settings: Settings, findings: Finding[]): void {
  const { dataDir } = settings;
  if (!existsSync(dataDir)) {
    findings.push({ what: "data folder", status: "ok", text: `${dataDir} will be made at the first start` });
    return;
  }
  const mode = statSync(dataDir).mode & 0o777;
  findings.push(
    (mode & 0o077) === 0
      ? { what: "data folder", status: "ok", text: `${dataDir}, only for its owner` }
      : {
          what: "data folder",
          status: "critical",
          text: `others can enter ${dataDir}; run: chmod 700 ${dataDir}`,
        },
  );
  const { bavail, bsize } = statfsSync(dataDir);
  const free = bavail * bsize;
  findings.push({
    what: "disk space",
    status: free < LEAST_FREE_BYTES ? "warning" : "ok",
    text: `${formatBytes(free)} free below ${dataDir}`,
  });
}

async function examineDaemon(
  args: { config?: string | undefined; "data-dir"?: string | undefined },
  settings: Settings,
  findings: Finding[],
): Promise<void> {
  const agentDb = join(settings.dataDir, "agent.db");
  if (!existsSync(agentDb)) {
    findings.push({ what: "daemon", status: "warning", text: "never started here; run: cortex up" });
    return;
  }
  try {
    await withClient(args, async (client) => {
      const running = client.via === "socket";
      const pid = running ? daemonPid(settings.dataDir) : null;
      findings.push(
        running
          ? { what: "daemon", status: "ok", text: `is running${pid === null ? "" : ` (pid ${pid.pid})`}` }
          : { what: "daemon", status: "warning", text: `is not running; ${howToStart(settings.dataDir)}` },
      );
      // Only an agent knows of a link upwards.
      const link = await client.get<LinkItem>("link").catch(() => null);
      if (link !== null) examineLink(link, findings);
      else if (running)
        examineTransport(await client.get<Pick<ApiSettings, "transport">>("settings"), findings);
      const ladder = await client.get<LadderItem>("judges").catch(() => null);
      if (ladder !== null) examineJudges(ladder, findings);
      const ledger = await client.get<Verification>("intents/verify");
      findings.push(
        ledger.ok
          ? { what: "ledger", status: "ok", text: sumText(ledger.entries, ledger.chains) }
          : { what: "ledger", status: "critical", text: "a chain is broken; see: cortex intents verify" },
      );
      const { items: plugins } = await client.list<{ id: string; state: string; reason: string | null }>(
        "plugins",
        { limit: "500" },
      );
      for (const plugin of plugins.filter((one) => one.state === "broken"))
        findings.push({ what: `plugin ${plugin.id}`, status: "warning", text: plugin.reason ?? "is broken" });
    });
  } catch (error) {
    findings.push({
      what: "daemon",
      status: "critical",
      text: isCortexError(error) ? error.message : messageOf(error),
    });
  }
}

/** What people and nodes compare when they are asked whether this is the right server. */
function examineTransport({ transport }: Pick<ApiSettings, "transport">, findings: Finding[]): void {
  const { tls, insecure } = transport;
  const what = "transport";
  if (tls === null)
    return void findings.push(
      insecure
        ? {
            what,
            status: "critical",
            text: "plain HTTP on the network: passwords can be read; set server.tls",
          }
        : { what, status: "ok", text: "plain HTTP, on the loopback address only" },
    );
  const leftMs = Date.parse(tls.notAfter) - Date.now();
  const kind = tls.selfSigned ? "self-signed certificate" : "certificate";
  findings.push({
    what,
    status: leftMs < 0 ? "critical" : leftMs < EXPIRY_WARNING_MS ? "warning" : "ok",
    text: `TLS, ${kind} until ${tls.notAfter.slice(0, 10)}, SHA-256 ${tls.fingerprint} (key ${tls.publicKeyFingerprint})`,
  });
}

/** With no judge at all nothing is wrong: rules and people decide. */
function examineJudges({ judges }: LadderItem, findings: Finding[]): void {
  for (const judge of judges) {
    const why = whyNot(judge);
    findings.push({
      what: `judge ${judge.decider}`,
      status: judge.state === "ready" && judge.failure === null ? "ok" : "warning",
      text: why === "" ? `${judge.models.join(", ")} is asked as ${judge.rung}` : why,
    });
  }
}

interface LinkItem {
  monitor: string;
  state: string;
  reason: string | null;
  spooled: number;
}

/** An agent that nobody hears still works, but nobody sees it. */
function examineLink({ monitor, state: word, reason, spooled }: LinkItem, findings: Finding[]): void {
  const isOut = ["revoked", "quarantined", "refused"].includes(word);
  findings.push({
    what: "Monitor",
    status: word === "online" ? "ok" : isOut ? "critical" : "warning",
    text:
      word === "online"
        ? `${monitor} is reached`
        : `${monitor}: ${word}${reason === null ? "" : ` (${reason})`}; ${spooled} messages wait`,
  });
}
