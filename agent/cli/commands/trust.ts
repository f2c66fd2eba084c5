/** Whose decisions this node carries out: the keys that it believes, kept in its own folder and changed only here. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { keyName, loadDecisionKey } from "../../../core/store/identity.ts";
import { deciderName } from "../../../core/uplink/beliefs.ts";
import { decidingKeys } from "../../../core/uplink/deciding-keys.ts";
import { createUpstreamFiles, type Upstream } from "../../../core/store/upstream.ts";
import { loadSettings } from "../../settings.ts";
import { changeTrust } from "../change-trust.ts";
import { becomeOwnerOf, noCortexIn, withClient } from "../client.ts";
import { command, connectionArgs, group, localArgs } from "../command.ts";
import { assertMeant } from "../elsewhere.ts";
import { print, printJson, state, table } from "../output.ts";

interface TrustedKey {
  /** Base64url of the raw key, as decisions name their signer. */
  key: string;
  state: "trusted" | "replaced" | "refused";
  /** Address of the Monitor that decides with it. */
  of: string;
}

function filesOf(args: { "data-dir"?: string | undefined; config?: string | undefined }) {
  const settings = loadSettings(args);
  const { dataDir } = settings;
  const keys = join(dataDir, "keys");
  assertMeant(settings);
  if (!existsSync(keys)) throw noCortexIn(dataDir);
  process.umask(0o077);
  becomeOwnerOf(dataDir);
  return { keys, files: createUpstreamFiles(keys) };
}

function keysOf(joined: Upstream | null, keysDir: string): TrustedKey[] {
  if (joined === null)
    return [
      { key: keyName(loadDecisionKey(keysDir).publicKey), state: "trusted", of: "this Monitor itself" },
    ];
  const { url: of, refusedKeys = [], replacedKeys = [] } = joined;
  const live = decidingKeys(joined, Date.now());
  const replaced = replacedKeys.map(({ key }) => deciderName(key)).filter((key) => !live.includes(key));
  return [
    ...live.map((key) => ({ key, state: "trusted" as const, of })),
    ...replaced.map((key) => ({ key, state: "replaced" as const, of })),
    ...refusedKeys.map((key) => ({ key: deciderName(key), state: "refused" as const, of })),
  ];
}

const list = command({
  name: "trust list",
  description: "List the keys whose decisions this node carries out.",
  args: localArgs,
  async run(args) {
    const { keys, files } = filesOf(args);
    const items = keysOf(files.read(), keys);
    if (args.json) return printJson(items);
    if (items.length === 0)
      return print("No key yet: the Monitor names the one it decides with when the node first reaches it.");
    print(
      table(
        ["KEY", "STATE", "OF"],
        items.map((one) => [one.key, state(one.state), one.of]),
      ),
    );
  },
});

const remove = command({
  name: "trust remove",
  description: "Believe a key no more: nothing that it signed is carried out, until this node joins anew.",
  args: {
    ...localArgs,
    key: { type: "positional", required: true, description: "The key, or its beginning.", valueHint: "KEY" },
  },
  async run(args) {
    const { removed: key } = await changeTrust(loadSettings(args), { act: "remove", key: args.key });
    if (args.json) return printJson({ removed: key });
    print(
      `${key} decides nothing here any more. What this node does by itself it goes on doing; join anew to trust a key again.`,
    );
  },
});

const rotate = command({
  name: "trust rotate",
  description: "On a Monitor: decide with a new key, for which the old one vouches to every node.",
  args: {
    ...connectionArgs,
    now: {
      type: "boolean",
      description: "Void at once what the old key signed and nobody has begun; where it may be stolen.",
      default: false,
    },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const answer = await client.post<{ from: string; key: string; words: string; until: string }>(
        "deciding-key/rotate",
        { now: args.now },
      );
      if (args.json) return printJson(answer);
      print(`This Monitor decides with ${answer.key} from now on.`);
      print(`words: ${answer.words}`);
      print(
        args.now
          ? "What the old key signed is void. Nodes that are away follow when they are back."
          : `Nodes carry out what the old key signed until ${answer.until}. Those that are away follow when they are back.`,
      );
      print(
        "A privileged helper trusts only what root gives it. On each node that has one, when it is connected:",
      );
      print("  sudo cortex helper trust remove monitor");
      print("  sudo cortex helper trust add --from-node   # compare the words, repeat with --yes");
    }),
});

export default group("trust", "The keys whose decisions this node carries out.", {
  list: async () => list,
  remove: async () => remove,
  rotate: async () => rotate,
});
