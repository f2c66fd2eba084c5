/** The Model Context Protocol on standard input and output, for assistants that start programs. */
import { CortexError, type Permission } from "cortex";
import type { Session } from "../../../core/http/types.ts";
import { VERSION } from "../../version.ts";
import { withClient } from "../client.ts";
import { command, connectionArgs } from "../command.ts";

const { json: _, ...connection } = connectionArgs;
const READING: readonly Permission[] = ["fleet.read"];

export default command({
  name: "mcp",
  description: "Serve an assistant (Model Context Protocol) on standard input and output.",
  args: {
    ...connection,
    "read-only": { type: "boolean", description: "Reading only: no proposals." },
  },
  run: (args) =>
    withClient(args, async (client) => {
      if (client.via === "offline")
        throw new CortexError(
          "cli.no_daemon",
          "unavailable",
          "no Cortex runs on this data folder; start it with `cortex up`, or name a Monitor with --url and --key",
        );
      const { user } = await client.get<Session>("auth/session");
      const permissions = args["read-only"]
        ? user.permissions.filter((one) => READING.includes(one))
        : user.permissions;
      const { serveMcpOnStdio } = await import("../../../core/mcp/stdio.ts");
      await serveMcpOnStdio({ api: client, permissions }, VERSION);
    }),
});
