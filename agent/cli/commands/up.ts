import { connectionArgs } from "../command.ts";
import { command } from "../command.ts";
import { runDaemon } from "../../daemon.ts";

export default command({
  name: "up",
  description: "Run agent and Monitor on this machine until stopped.",
  args: {
    listen: {
      type: "string",
      description: "Address and port; default 127.0.0.1:7600.",
      valueHint: "HOST:PORT",
    },
    role: {
      type: "string",
      description: "agent, monitor or both; default agent on a node that has joined a Monitor, else both.",
      valueHint: "ROLE",
    },
    "data-dir": connectionArgs["data-dir"],
    config: connectionArgs.config,
    "plugins-dir": { type: "string", description: "Folder of your own plugins.", valueHint: "DIR" },
  },
  run: (args) => runDaemon(args),
});
