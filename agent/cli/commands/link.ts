/** `cortex link`: how the connection of this node to its Monitor stands. */
import { withClient } from "../client.ts";
import { command, localArgs } from "../command.ts";
import { clean, print, printJson, state, when } from "../output.ts";

interface LinkItem {
  monitor: string;
  node: string;
  words: string;
  state: string;
  reason: string | null;
  lastAnswerAt: string | null;
  spooled: number;
}

export default command({
  name: "link",
  description: "On an agent: whether its Monitor is reached, and what waits to be delivered.",
  args: localArgs,
  run: (args) =>
    withClient(args, async (client) => {
      const link = await client.get<LinkItem>("link");
      if (args.json) return printJson(link);
      print(
        `${state(link.state)} ${link.monitor}${link.reason === null ? "" : `: ${clean(link.reason, 200)}`}`,
      );
      print(`node ${link.node} · words ${link.words}`);
      print(`last answer ${when(link.lastAnswerAt)} · ${link.spooled} messages wait`);
    }),
});
