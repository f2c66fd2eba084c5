import { ensure, ensureEqual } from "../lib/ensure.ts";
import { listenerOf } from "../lib/processes.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { demoService, serving, WIDE_BUDGETS } from "./demo.ts";
import { killAndWait, settled } from "./one-repair.ts";

interface LogLine {
  level: string;
  message: string;
  reason?: unknown;
}

async function reloads(rig: Rig): Promise<string> {
  const [first, second] = [await rig.port(), await rig.port()];
  const file = (services: object[]) => ({ version: 1, ...WIDE_BUDGETS, plugins: { service: services } });
  const cortex = await rig.cortex({ config: file([demoService(first)]) });
  await serving(first);
  const pid = listenerOf(first);
  const shown = async () => (await cortex.api("GET", "config")).text;
  const before = await shown();

  const bad = `version: 1
engine:
  tikc: 1s
plugins:
  service:
    - id: demo
      start: ["/usr/bin/python3", "-m", "http.server", "${second}"]
      port: ninety
`;
  cortex.writeConfig(bad);
  cortex.signal("SIGHUP");
  const refused = await until(
    () => lines(cortex.stderr()).find((line) => line.message.includes("not taken")),
    {
      what: "it says that the file was not taken",
      timeoutMs: 5000,
    },
  );
  const reason = JSON.stringify(refused.reason);
  for (const part of ["tikc", "tick", "port", ":3:", ":8:"])
    ensure(
      reason.includes(part) || reason.includes(`"line":${part.replaceAll(":", "")}`),
      `the reason lacks ${part}: ${reason}`,
    );
  ensureEqual(await shown(), before, "effective configuration after a bad file");
  ensureEqual(listenerOf(first), pid, "process of the service after a bad file");
  const asked = await cortex.api<{ error?: { message: string } }>("POST", "config/reload", {});
  ensure(
    asked.status >= 400 && asked.status < 500,
    `POST config/reload of a bad file answers ${asked.status}`,
  );
  const offline = await cortex.cli("config", "check");
  ensureEqual(offline.code, 78, "exit code of config check");
  ensure(
    /:3:\d+ engine\.tikc/.test(offline.stderr + offline.stdout),
    `config check: ${offline.stderr.trim()}`,
  );
  // The old configuration does not only stand there, it works.
  await killAndWait(first);
  await settled(cortex, 1);

  const again = listenerOf(first);
  cortex.writeConfig(file([demoService(first), { ...demoService(second), id: "other" }]));
  const sent = now();
  cortex.signal("SIGHUP");
  const takenMs = (await serving(second)) - sent;
  ensureEqual(listenerOf(first), again, "process of the untouched service after a good file");
  await killAndWait(second);
  await settled(cortex, 2);
  const same = await cortex.cli("config", "reload");
  ensureEqual([same.code, same.stdout.trim()], [0, "Nothing changed."], "config reload of the same file");
  return `bad file refused with line and key, the old one works on; good file taken, new service serving after ${inTime(takenMs)}`;
}

const lines = (text: string): LogLine[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as LogLine);

const scenario: Scenario = { name: "sighup-bad-file", quick: true, run: reloads };
export default scenario;
