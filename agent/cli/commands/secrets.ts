import { withClient } from "../client.ts";
import { command, connectionArgs, group } from "../command.ts";
import { print, printJson } from "../output.ts";

const rotate = command({
  name: "secrets rotate",
  description: "Encrypt every stored secret under a new key and forget the old one.",
  args: {
    ...connectionArgs,
    "keep-old": {
      type: "boolean",
      description: "Keep the old key too, so that secrets in older backups can be read.",
      default: false,
    },
  },
  run: (args) =>
    withClient(args, async (client) => {
      const body = { keepOld: args["keep-old"] };
      const answer = await client.post<{ records: number; key: string }>("secrets/rotate", body);
      if (args.json) return printJson(answer);
      const rest = body.keepOld ? "" : "; secrets in older backups can no longer be read";
      print(`${answer.records} secrets are encrypted under the new key in ${answer.key}${rest}.`);
    }),
});

export default group("secrets", "The key that encrypts stored secrets.", { rotate: async () => rotate });
