/** `cortex join` and `cortex leave`: which Monitor this machine belongs to. */
import { CortexError } from "cortex";
import { createFetch } from "../../../core/ports/network/fetch.ts";
import { createSystemClock } from "../../../core/ports/clock.ts";
import { readHostFacts } from "../../../core/ports/host-facts.ts";
import { prepareDataDir } from "../../../core/store/data-dir.ts";
import { loadIdentity } from "../../../core/store/identity.ts";
import { createUpstreamFiles, type Upstream } from "../../../core/store/upstream.ts";
import { joinMonitor } from "../../../core/uplink/join.ts";
import { howToRestart } from "../../last-start.ts";
import { loadSettings } from "../../settings.ts";
import { VERSION } from "../../version.ts";
import { confirmed } from "../ask.ts";
import { changeTrust } from "../change-trust.ts";
import { becomeOwnerOf } from "../client.ts";
import { command, localArgs } from "../command.ts";
import { print, printJson } from "../output.ts";

function keysOf(args: { "data-dir"?: string | undefined; config?: string | undefined }) {
  process.umask(0o077);
  const settings = loadSettings(args);
  becomeOwnerOf(settings.dataDir);
  const { keys } = prepareDataDir(settings.dataDir);
  return { settings, keys };
}

/** `join URL --token T`, `join cxj1.…` */
function wishOf(first: string, token: string | undefined): { url: string | null; token: string } {
  if (first.startsWith("cxj1.")) return { url: null, token: first };
  if (token === undefined)
    throw new CortexError(
      "cli.token",
      "invalid",
      "give the join string: cortex join cxj1.…, or join URL --token cxj1.…",
    );
  return { url: first, token };
}

export const joinCommand = command({
  name: "join",
  description: "Join a Monitor: this machine becomes one of its nodes.",
  args: {
    ...localArgs,
    monitor: { type: "positional", required: true, description: "The join string, or the Monitor's URL." },
    token: { type: "string", description: "The join string, when a URL is given.", valueHint: "cxj1.…" },
    name: {
      type: "string",
      description: "Name of this node, kept unless node.name is set; default node.name, else the host name.",
      valueHint: "NAME",
    },
    "allow-insecure-http": { type: "boolean", description: "Also over plain HTTP to another machine." },
  },
  async run(args) {
    const { settings, keys } = keysOf(args);
    const { config } = settings;
    const facts = readHostFacts(config.host_root);
    const identity = loadIdentity(keys);
    let changed = { previous: null as string | null, runs: false };
    const believe = async (upstream: Upstream) => {
      changed = await changeTrust(settings, { act: "join", upstream });
    };
    const answer = await joinMonitor(
      { fetch: createFetch(), clock: createSystemClock(), identity, believe },
      {
        ...wishOf(args.monitor, args.token),
        facts: {
          name: (args.name ?? config.node.name ?? facts.hostname).slice(0, 255),
          os: facts.os.slice(0, 200),
          arch: facts.arch,
          version: VERSION,
        },
        keepsName: args.name !== undefined,
        allowInsecureHttp: args["allow-insecure-http"] ?? config.upstream.allow_insecure_http,
      },
    );
    if (args.json) return printJson({ ...answer, previous: changed.previous });
    print(`Joined ${answer.url} as ${answer.node}.`);
    print(`Words of the Monitor's key: ${answer.monitorWords}`);
    print(`Words of this node's key:   ${answer.words}`);
    if (answer.state === "pending")
      print("Waiting for approval: compare the words on the Monitor, then there: cortex nodes approve");
    print(
      changed.runs
        ? `Cortex runs here and reports there once it begins anew: ${howToRestart(settings.dataDir)}.`
        : "Start Cortex here to report there: cortex up",
    );
  },
});

export const leaveCommand = command({
  name: "leave",
  description: "Leave the Monitor: this machine reports to nobody and may run a Monitor of its own.",
  args: { ...localArgs, yes: { type: "boolean", description: "Don't ask." } },
  async run(args) {
    const { settings, keys } = keysOf(args);
    const left = createUpstreamFiles(keys).read()?.url;
    const question = `Leave ${left}? It can be joined again only with a new join string.`;
    if (left !== undefined && !args.yes && !(await confirmed(question)))
      throw new CortexError(
        "cli.not_confirmed",
        "invalid",
        `this machine still belongs to ${left}; say --yes to leave it without being asked`,
      );
    const { previous: url, runs } = await changeTrust(settings, { act: "leave" });
    if (args.json) return printJson({ left: url });
    print(
      `Left ${url ?? "the Monitor"}. There, revoke the node, so that its key is dead: cortex nodes revoke ${loadIdentity(keys).nodeId}`,
    );
    if (runs) print(`Cortex runs here and knows it once it begins anew: ${howToRestart(settings.dataDir)}.`);
  },
});
