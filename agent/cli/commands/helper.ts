/** `cortex helper …`: the small process of root that carries out approved acts for an agent without rights. */
import { closeSync, constants, existsSync, openSync, readFileSync } from "node:fs";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { join } from "node:path";
import { CortexError } from "cortex";
import { nodeIdOf } from "../../../core/domain/node-key.ts";
import { KEY_ENDING, KEY_NAME, parseKey, parsePolicy, readTrust } from "../../../core/helper/files.ts";
import { readLines } from "../../../core/store/helper/journal.ts";
import type { Folded } from "../../../core/store/helper/journal-fold.ts";
import { addFile, removeFile } from "../../../core/store/helper/trust-files.ts";
import { HELPER_PLACES, journalFile, policyFile, runHelper, trustFolder } from "../../rights/helper.ts";
import { helperStatus } from "../../rights/root-helper.ts";
import { loadSettings } from "../../settings.ts";
import { command, connectionArgs, group } from "../command.ts";
import { clean, print, printJson, state, table, when } from "../output.ts";

const places = {
  settings: {
    type: "string",
    description: "Folder with helper.yaml and trust.d.",
    valueHint: "DIR",
    default: HELPER_PLACES.settings,
  },
  state: {
    type: "string",
    description: "Folder of the helper's journal.",
    valueHint: "DIR",
    default: HELPER_PLACES.state,
  },
  socket: {
    type: "string",
    description: "Where it listens; systemd's own socket where it was started by one.",
    valueHint: "PATH",
    default: HELPER_PLACES.socket,
  },
} as const;
const { json, config, "data-dir": dataDir } = connectionArgs;

const invalid = (message: string) => new CortexError("helper.argument", "invalid", message);
const exists = (message: string) => new CortexError("helper.exists", "conflict", message);
const missing = (message: string) => new CortexError("helper.not_found", "not_found", message);

const run = command({
  name: "helper run",
  description: "Listen for approved acts, as root; what systemd starts (cortex-helper.service).",
  args: places,
  run: (args) => runHelper(args),
});

const status = command({
  name: "helper status",
  description: "Ask the running helper what it may do; as its user or as root.",
  args: { json, socket: places.socket },
  async run(args) {
    const found = await helperStatus(args.socket);
    if (args.json) return printJson(found);
    const { budgets, decided, alone } = found;
    print(`${state("ok")} serves user ${found.user} on node ${found.node}`);
    print(`with a signed approval: ${JSON.stringify(decided)} · alone: ${JSON.stringify(alone)}`);
    print(
      `${budgets.usedThisHour} of ${budgets.perHour} acts in the last hour, ${budgets.perTargetPerHour} on one target`,
    );
    for (const words of found.trusted) print(`trusts ${words}`);
    if (found.trusted.length === 0) print("trusts nobody; run: sudo cortex helper trust add --from-node");
  },
});

/** Of a folder that the agent's user can write: no link is followed, and nothing is made there. */
function readForeign(path: string): string | null {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return readFileSync(fd, "utf8").slice(0, 64 * 1024);
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}

const publicOf = (pem: string): Uint8Array =>
  new Uint8Array(
    Buffer.from(createPublicKey(createPrivateKey(pem)).export({ format: "jwk" }).x ?? "", "base64url"),
  );

function nodeOf(keys: string): string {
  const kept = readForeign(join(keys, "node.json"));
  if (kept !== null) return String((JSON.parse(kept) as { id?: unknown }).id);
  const pem = readForeign(join(keys, "node.key"));
  if (pem === null)
    throw missing(`${keys} holds no node key; start the agent once, or name the node with --node`);
  return nodeIdOf(publicOf(pem));
}

const policyText = (
  node: string,
  user: string,
) => `# What the privileged helper of Cortex may do on this node. Only root may write this file; it counts from the next question on.
version: 1
# Approvals must name this node.
node: ${node}
# Whose processes may ask.
user: ${user}
# With an approval that a trusted Monitor signed for exactly this act: a map of units and verbs, or any (which leaves out
# SSH, the firewall, D-Bus and what else guards the machine).
decided:
  units: {}
  # units: any
  # Once a day, when a person approved it.
  reboot: false
# Without one. Whoever takes over the agent can do this at will, so keep it short.
alone:
  units: {}
  # units: { nginx.service: [restart, reload] }
budgets:
  per_hour: 20
  per_target_per_hour: 3
`;

const init = command({
  name: "helper init",
  description: "Write helper.yaml, which allows nothing yet, for this node; as root.",
  args: {
    settings: places.settings,
    config,
    "data-dir": dataDir,
    node: { type: "string", description: "Id of this node; default from its data folder.", valueHint: "n_…" },
    user: { type: "string", description: "User the agent runs as.", default: "cortex" },
  },
  async run(args) {
    const path = policyFile(args);
    const node = args.node ?? nodeOf(join(args["data-dir"] ?? loadSettings(args).dataDir, "keys"));
    const text = policyText(node, args.user);
    parsePolicy(text, path);
    if (!addFile(path, text)) throw exists(`${path} exists already; edit it`);
    print(`Written: ${path} for node ${node}. It allows nothing yet: name units in it,`);
    print("then let the helper trust your Monitor: sudo cortex helper trust add --from-node");
  },
});

const key = command({
  name: "helper key",
  description: "On a Monitor: print the public key it decides with, and its words, to be trusted on a node.",
  args: { json, config, "data-dir": dataDir },
  async run(args) {
    const keys = join(args["data-dir"] ?? loadSettings(args).dataDir, "keys");
    const pem = readForeign(join(keys, "decision.key"));
    if (pem === null)
      throw missing(`${keys} holds no key that decides; this is asked where the Monitor runs`);
    const found = parseKey(Buffer.from(publicOf(pem)).toString("base64url"), "the Monitor's key");
    if (args.json) return printJson({ key: found.signer, words: found.words });
    print(`# ${found.words}\n${found.signer}`);
  },
});

const add = command({
  name: "helper trust add",
  description: "Let a Monitor's decisions count for the helper; as root, after comparing the words.",
  args: {
    settings: places.settings,
    file: {
      type: "positional",
      required: false,
      description: "File with the line that `cortex helper key` prints on the Monitor.",
    },
    "from-node": {
      type: "boolean",
      description: "Take the key that this node's agent was told when it joined.",
    },
    name: { type: "string", description: "What to call it.", default: "monitor" },
    yes: { type: "boolean", description: "The words were compared." },
    config,
    "data-dir": dataDir,
  },
  async run(args) {
    if ((args.file === undefined) === !args["from-node"]) throw invalid("name either a FILE or --from-node");
    if (!KEY_NAME.test(args.name)) throw invalid(`--name ${args.name}: small letters, digits and -`);
    const path = join(trustFolder(args), `${args.name}${KEY_ENDING}`);
    const text = args.file === undefined ? toldToNode(args) : readForeign(args.file);
    if (text === null) throw missing(`${args.file} can't be read`);
    const found = parseKey(text, args.file ?? "the node");
    print(`words: ${found.words}`);
    if (!args.yes)
      throw invalid(
        "not added; compare the words with `cortex helper key` on the Monitor, then repeat it with --yes",
      );
    if (!addFile(path, `# ${found.words}\n${found.signer}\n`))
      throw exists(`${path} exists; remove it first, or choose another --name`);
    print(`Trusted as ${args.name}: ${path}`);
  },
});

/** The agent could say anything here; that is why a person compares words. */
function toldToNode(args: { config?: string | undefined; "data-dir"?: string | undefined }): string {
  const keys = join(args["data-dir"] ?? loadSettings(args).dataDir, "keys");
  const upstream = readForeign(join(keys, "upstream.json"));
  if (upstream !== null) {
    const { decisionKey } = JSON.parse(upstream) as { decisionKey?: unknown };
    if (typeof decisionKey === "string") return decisionKey;
    throw missing("this node was not told yet who decides; start the agent and let it connect once");
  }
  const pem = readForeign(join(keys, "decision.key"));
  if (pem === null) throw missing(`${keys} names no Monitor; join one first, or name a FILE`);
  print(
    "The Monitor runs on this node under the same user: whoever takes that program over can sign approvals too.",
  );
  return Buffer.from(publicOf(pem)).toString("base64url");
}

const list = command({
  name: "helper trust list",
  description: "Whose decisions count for the helper.",
  args: { json, settings: places.settings },
  async run(args) {
    const keys = readTrust(trustFolder(args), process.geteuid?.() ?? 0);
    if (args.json) return printJson(keys.map(({ name, signer, words }) => ({ name, key: signer, words })));
    if (keys.length === 0) print("Nobody's; run: sudo cortex helper trust add --from-node");
    else
      print(
        table(
          ["NAME", "WORDS"],
          keys.map(({ name, words }) => [name, words]),
        ),
      );
  },
});

const remove = command({
  name: "helper trust remove",
  description: "Let a Monitor's decisions not count any more; at once.",
  args: { settings: places.settings, name: { type: "positional", required: true, description: "Its name." } },
  async run(args) {
    const path = join(trustFolder(args), `${args.name}${KEY_ENDING}`);
    if (!KEY_NAME.test(args.name) || !removeFile(path))
      throw missing(`no key is called ${args.name}; see: cortex helper trust list`);
    print(`Removed: ${path}`);
  },
});

const textOf = (data: Record<string, unknown>): string =>
  String(data["act"] ?? data["summary"] ?? data["message"] ?? data["note"] ?? "");

/** "4711 questions refused (malformed_request 4700, …) and 3 starts since 2026-01-01T…" */
function foldedText(data: Record<string, unknown>): string {
  const { refused = 0, starts = 0, from = 0, byReason = {} } = data as Partial<Folded>;
  const reasons = Object.entries(byReason)
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${reason} ${count}`);
  return `${refused} questions refused (${reasons.join(", ")}) and ${starts} starts since ${when(new Date(from).toISOString())}`;
}

const log = command({
  name: "helper log",
  description: "What the helper did and refused, from its own journal, whose chain is checked; as root.",
  args: { json, state: places.state },
  async run(args) {
    const path = journalFile(args);
    if (!existsSync(path)) throw missing(`${path} does not exist: the helper never ran here`);
    const lines = readLines(readFileSync(path, "utf8"), path);
    if (args.json) return printJson(lines);
    print(
      table(
        ["TIME", "WHAT", "DETAIL"],
        lines.map(({ at, kind, data }) => [
          when(new Date(at).toISOString()),
          kind,
          clean(kind === "folded" ? foldedText(data) : textOf(data), 120),
        ]),
      ),
    );
  },
});

export default group(
  "helper",
  "The privileged helper: root work by signed approval, for an agent without rights.",
  {
    run: async () => run,
    status: async () => status,
    init: async () => init,
    key: async () => key,
    trust: async () =>
      group("helper trust", "Whose decisions count for the helper.", {
        add: async () => add,
        list: async () => list,
        remove: async () => remove,
      }),
    log: async () => log,
  },
);
