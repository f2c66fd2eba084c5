/** The child process of one user's plugin; started by the daemon, never by people. */
import { readFileSync, writeFileSync } from "node:fs";
import { messageOf } from "cortex";
import { defineCommand } from "citty";
import { createChild } from "../../../core/host/user/child.ts";
import { createRemotePorts } from "../../../core/host/user/remote-ports.ts";
import type { FromProgram } from "../../../core/host/user/protocol.ts";
import { createSystemClock } from "../../../core/ports/clock.ts";
import { FIXED_ENV } from "../../../core/ports/processes/programs.ts";
import { self } from "../../self.ts";

export default defineCommand({
  meta: { name: "plugin-host", description: "Child process of one user's plugin.", hidden: true },
  args: {
    seal: { type: "string", description: "Seal this process, then start anew in its place." },
    sealed: { type: "string", description: "What was laid on." },
    probe: { type: "boolean", description: "Say what was laid on, and end." },
  },
  async run({ args }) {
    if (args.seal !== undefined) return startSealed(args.seal, args.probe === true);
    if (args.probe) return probed(args.sealed);
    await serve();
  },
});

async function startSealed(options: string, probe: boolean): Promise<void> {
  const { replaceProcess, seal } = await import("../../../core/ports/user-plugins/seal.ts");
  try {
    // When memory runs out, a plugin goes first.
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // A limit is kept by the program in any case.
  }
  try {
    const laid = seal(JSON.parse(options));
    const argv = [...self().argv, "plugin-host", "--sealed", JSON.stringify(laid)];
    const errno = replaceProcess([...argv, ...(probe ? ["--probe"] : [])], FIXED_ENV);
    throw new Error(`could not start anew (errno ${errno})`);
  } catch (error) {
    process.stderr.write(`the plugin's process can't be sealed: ${messageOf(error)}\n`);
    process.exit(71);
  }
}

/** What the kernel says is in force, not what was asked for. */
function probed(sealed: string | undefined): void {
  const status = readFileSync("/proc/self/status", "utf8");
  const { landlock } = JSON.parse(sealed ?? `{"landlock":0}`) as { landlock: number };
  const seccomp = /^Seccomp:\t2$/m.test(status) && /^NoNewPrivs:\t1$/m.test(status);
  process.stdout.write(`${JSON.stringify({ seccomp, landlock })}\n`);
}

async function serve(): Promise<void> {
  // A plugin's own console output must not break the protocol.
  const stdout = Bun.stdout.writer();
  const toStderr = (...words: unknown[]) =>
    void process.stderr.write(`${words.map((one) => Bun.inspect(one)).join(" ")}\n`);
  Object.assign(globalThis.console, { log: toStderr, info: toStderr, debug: toStderr });
  const say = (message: unknown) => {
    void stdout.write(`${JSON.stringify(message)}\n`);
    void stdout.flush();
  };
  const ports = createRemotePorts(say);
  const handle = createChild({ clock: createSystemClock(), ports: ports.of, say });
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of Bun.stdin.stream()) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") continue;
      const message = JSON.parse(line) as FromProgram;
      if ("answer" in message) ports.settle(message);
      else void handle(message);
    }
  }
  // The input ended: the daemon is gone, and a plugin does not outlive it.
  process.exit(0);
}
