/** A plugin's child started without a cage: what it could do if nothing held it. For controls. */
import type { Rig } from "./rig.ts";

interface Said {
  target: string;
  status: string;
  summary: string;
}

/** Answers the results of the plugin's first check; every port it asks for is refused. */
export async function withoutCage(rig: Rig, source: string): Promise<Said[]> {
  const child = Bun.spawn([await rig.binary(), "plugin-host"], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
  });
  rig.atEnd(() => child.kill("SIGKILL"));
  const say = (message: unknown) => {
    void child.stdin.write(`${JSON.stringify(message)}\n`);
    void child.stdin.flush();
  };
  const node = {
    id: "n",
    name: "n",
    labels: {},
    group: null,
    tags: [],
    bootId: "b",
    bootedAt: 0,
    cpuCount: 1,
    isRoot: true,
    tickMs: 10,
  };
  say({
    id: 1,
    call: "describe",
    input: { folder: "/plugins/attacker", entry: "index.ts", files: { "index.ts": source } },
  });
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of child.stdout) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const said = JSON.parse(line) as {
        id?: number;
        ask?: number;
        ok?: boolean;
        value?: { checks?: { name: string }[] } | Said[];
        message?: string;
      };
      if (said.ask !== undefined)
        say({ answer: said.ask, ok: false, code: "fs.denied", kind: "forbidden", message: "refused" });
      if (said.id !== undefined && said.ok === false) throw new Error(`the plugin says: ${said.message}`);
      if (said.id === 1)
        say({
          id: 2,
          call: "setup",
          input: { instance: "default", config: {}, node, values: {}, sealed: {}, programs: {} },
        });
      if (said.id === 2) {
        const { checks } = said.value as { checks: { name: string }[] };
        say({
          id: 3,
          call: "check",
          input: { instance: "default", check: checks[0]!.name, previous: {}, oneShot: false },
        });
      }
      if (said.id === 3) return said.value as Said[];
    }
  }
  throw new Error("the plugin's process ended");
}
