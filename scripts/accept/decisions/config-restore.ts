/**
 * Somebody breaks the configuration of a real nginx. What it held last when `nginx -t` was content is proposed line by line,
 * without its secrets, put back after a yes, and nginx takes it. What somebody writes meanwhile is never overwritten.
 */
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { keptCopies } from "../lib/kept-copies.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { approve, approvedOnce, asked, askingConfig } from "./asking.ts";
import { intentReaches } from "./waiting.ts";

const SECRET = "hunter2-Correct0Horse";

async function configured(rig: Rig, name: string) {
  const folder = join(rig.folder, name);
  mkdirSync(folder);
  const file = join(folder, "nginx.conf");
  const port = await rig.port();
  const good = `pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    proxy_set_header X-Api-Token ${SECRET};
    include snippets/*.conf;
  }
}
`;
  mkdirSync(join(folder, "snippets"));
  // A relative include: it holds only where the candidate is tested in the file's own folder.
  writeFileSync(join(folder, "snippets/health.conf"), "location = /health { return 200; }\n");
  writeFileSync(file, good);
  chmodSync(file, 0o640);
  // Declared by another name, as /etc/nginx/sites-enabled does it.
  const link = join(rig.folder, `${name}.conf`);
  symlinkSync(file, link);
  const cortex = await rig.cortex({
    config: askingConfig({
      "config-restore": [
        {
          id: "web",
          file: link,
          test: ["/usr/sbin/nginx", "-t", "-q", "-p", folder, "-c", "{file}"],
          interval: "1s",
          confirm: "1s",
        },
      ],
    }),
  });
  await until(() => keptCopies(cortex.dataDir) > 0, {
    what: "the good text is kept",
    timeoutMs: 20_000,
    everyMs: 200,
  });
  const broken = good.replace("listen 127", "lisen 127").replace(SECRET, `${SECRET}2`);
  return { cortex, file, folder, good, broken };
}

async function restored(rig: Rig): Promise<string> {
  const { cortex, file, folder, good, broken } = await configured(rig, "web");
  ensureEqual(statSync(join(cortex.dataDir, "agent.db")).mode & 0o777, 0o600, "mode of where the copies lie");
  writeFileSync(file, broken);
  const isGood = () => readFileSync(file, "utf8") === good;
  const { decision, doneMs } = await approvedOnce(cortex, "config.restore", isGood);
  ensureEqual(decision.plan?.effects, [{ kind: "write", file }], "effects");
  const shown = JSON.stringify(decision.plan?.changes);
  ensure(shown.includes("lisen 127"), "the plan does not show what differs");
  ensureEqual(statSync(file).mode & 0o777, 0o640, "mode of the restored file");
  ensureEqual(
    readdirSync(folder).filter((name) => name.includes("cortex")),
    [],
    "files left behind",
  );
  for (const name of readdirSync(cortex.dataDir).filter((one) => one.startsWith("agent.db")))
    ensure(!readFileSync(join(cortex.dataDir, name)).includes(SECRET), `a secret of the file is in ${name}`);
  // The intent, the evidence and the card are what leaves the node.
  for (const path of ["intents?limit=50", "decisions?limit=50", "problems?limit=50"])
    ensure(!(await cortex.api("GET", path)).text.includes(SECRET), `a secret of the file is in ${path}`);
  const [evidence] = (
    await cortex.api<{ items: { evidenceIds: string[] }[] }>("GET", "intents?kind=repair&limit=5")
  ).json.items[0]!.evidenceIds;
  const bundle = await cortex.api("GET", `evidence/${evidence}`);
  ensure(
    bundle.status === 200 && bundle.text.includes("lisen 127"),
    "the evidence does not show what differs",
  );
  ensure(!bundle.text.includes(SECRET), "a secret of the file is in the evidence");
  return inTime(doneMs);
}

/** `meanwhile`: what somebody writes after the question was put and before the answer. */
async function changed(rig: Rig, meanwhile: string | null): Promise<string> {
  const { cortex, file, broken } = await configured(rig, "other");
  writeFileSync(file, broken);
  const decision = await asked(cortex, "config.restore");
  if (meanwhile !== null) writeFileSync(file, meanwhile);
  const theirs = readFileSync(file, "utf8");
  await approve(cortex, decision).catch(() => undefined);
  if (meanwhile === null) await intentReaches(cortex, decision, "verified", 30_000);
  await pause(3000);
  ensureEqual(readFileSync(file, "utf8"), theirs, "what somebody wrote while it waited");
  return "it stayed";
}

const scenario: Scenario = {
  name: "config-restore",
  quick: false,
  timeoutMs: 180_000,
  needs: ["nginx-light"],
  threats: ["T46"],
  async run(rig) {
    const doneIn = await restored(rig);
    await changed(rig, "# a person is at work here\n");
    return `a broken nginx.conf waited, held its last good text ${doneIn} after the yes, verified; no secret left the node; what a person wrote meanwhile stayed`;
  },
  // Nobody writes meanwhile: the same yes does replace the text.
  control: (rig) => changed(rig, null),
};
export default scenario;
