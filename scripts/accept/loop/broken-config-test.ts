import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { end, isAlive, processesOf } from "../lib/processes.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { demoService, serving, WIDE_BUDGETS } from "./demo.ts";
import { ensureLeftAlone, heldProblem, repairs } from "./one-repair.ts";

const NGINX = "/usr/sbin/nginx";
/** What stopped a repair before it began is measured again every minute. */
const MEASURED_AGAIN_MS = 60_000;
/** Long enough to see that the same broken file is not proposed again and again. */
const CALM_MS = 18_000;

const nginxConf = (folder: string, port: number, body = 'return 200 "ok";') => `
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${port}; location / { ${body} } }
}
`;

async function tested(rig: Rig, service: object): Promise<string> {
  const port = await rig.port();
  const conf = rig.file("nginx.conf", nginxConf(rig.folder, port));
  const start = [NGINX, "-p", rig.folder, "-c", conf, "-g", "daemon off;"];
  const config = {
    version: 1,
    ...WIDE_BUDGETS,
    plugins: { service: [{ ...demoService(port), id: "web", start, ...service }] },
  };
  const cortex = await rig.cortex({ config });
  await serving(port);
  // Its workers carry nothing of the command line, but the output that they were started with.
  const nginx = () => processesOf(join(cortex.dataDir, "services")).filter((pid) => pid !== cortex.pid);
  writeFileSync(conf, nginxConf(rig.folder, port, "reutrn 200;"));
  await end(nginx(), 0);
  await until(() => !nginx().some(isAlive), { what: "nginx is gone", timeoutMs: 2000 });
  const problem = await heldProblem(cortex, "web");
  ensureEqual(problem.guards.hold, "config_test_failed", "what holds the repair");
  const why = problem.guards.holdText ?? "";
  ensure(
    why.includes("reutrn") && why.includes("nginx.conf"),
    `the reason does not name the mistake: ${why}`,
  );
  ensureEqual(problem.guards.attemptsUsed, 0, "attempts used by a start that was blocked");
  // Looked at again and again, as long as it stays broken, it must not fill the ledger or use up the node's budget.
  await ensureLeftAlone(cortex, port, CALM_MS, "its configuration is broken");
  const blocked = (await repairs(cortex)).length;
  ensure(blocked <= 1, `${blocked} intents for one broken configuration that nobody touched`);

  writeFileSync(conf, nginxConf(rig.folder, port));
  const fixed = now();
  const servedMs = (await serving(port, MEASURED_AGAIN_MS + 10_000)) - fixed;
  await until(async () => (await repairs(cortex))[0]?.state === "verified", {
    what: "the repair is verified",
    timeoutMs: 10_000,
  });
  return `blocked with nginx's own words, no attempt used; mended, serving after ${inTime(servedMs)}`;
}

const scenario: Scenario = {
  name: "broken-config-test",
  quick: true,
  timeoutMs: 150_000,
  needs: ["nginx-light"],
  run: (rig) => tested(rig, {}),
  // A test that finds everything good.
  control: (rig) => tested(rig, { config_test: [join("/usr/bin", "true")] }),
};
export default scenario;
