/** The child process of one user's plugin; started by the daemon, never by people. */
import { defineCommand } from "citty";
import { createChild } from "../../../core/host/user/child.ts";
import type { Request } from "../../../core/host/user/protocol.ts";
import { createRefusedPorts } from "../../../core/ports/capability.ts";
import { createSystemClock } from "../../../core/ports/clock.ts";
import { createExec } from "../../../core/ports/exec.ts";
import { createFetch } from "../../../core/ports/fetch.ts";
import { createHostFs } from "../../../core/ports/host-fs.ts";
import { createNet } from "../../../core/ports/net.ts";

export default defineCommand({
  meta: { name: "plugin-host", description: "Child process of one user's plugin.", hidden: true },
  async run() {
    const clock = createSystemClock();
    // A plugin's own console output must not break the protocol.
    const stdout = Bun.stdout.writer();
    const toStderr = (...words: unknown[]) =>
      void process.stderr.write(`${words.map((one) => Bun.inspect(one)).join(" ")}
`);
    Object.assign(globalThis.console, { log: toStderr, info: toStderr, debug: toStderr });
    const handle = createChild({
      ports(hostRoot) {
        const fs = createHostFs(hostRoot);
        return {
          ...createRefusedPorts("a user's plugin"),
          clock,
          fs,
          exec: createExec(),
          fetch: createFetch(),
          net: createNet(),
          beginTick: () => fs.beginTick(),
        };
      },
      say(message) {
        void stdout.write(`${JSON.stringify(message)}\n`);
        void stdout.flush();
      },
    });
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of Bun.stdin.stream()) {
      rest += decoder.decode(chunk, { stream: true });
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") void handle(JSON.parse(line) as Request);
    }
    // The input ended: the daemon is gone, and a plugin does not outlive it.
    process.exit(0);
  },
});
