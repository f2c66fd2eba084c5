/**
 * A real PostgreSQL that nobody tagged is killed: it is known to keep data, so it waits for a person, is started once, and has
 * lost nothing that it had confirmed.
 */
import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { until } from "../lib/wait.ts";
import { killService } from "../loop/one-repair.ts";
import type { Scenario } from "../scenario.ts";
import { approvedOnce, askingConfig, must } from "./asking.ts";

const BINARIES = "/usr/lib/postgresql";
const USER = "postgres";

async function database(rig: Rig, tags: string[]) {
  const version = readdirSync(BINARIES).toSorted().at(-1)!;
  const bin = (name: string) => join(BINARIES, version, "bin", name);
  const home = join(rig.folder, "postgres");
  // The server runs as its own user, who must reach its files and nothing else.
  chmodSync(rig.folder, 0o711);
  mkdirSync(home);
  await must(rig, ["chown", USER, home]);
  const data = join(home, "data");
  const as = ["setpriv", `--reuid=${USER}`, `--regid=${USER}`, "--clear-groups"];
  await must(rig, [...as, bin("initdb"), "--no-sync", "--auth=trust", "--pgdata", data]);
  const port = await rig.port();
  const cortex = await rig.cortex({
    config: askingConfig({
      service: [
        {
          id: "db",
          start: [
            bin("postgres"),
            "-D",
            data,
            "-k",
            home,
            "-p",
            String(port),
            "-c",
            "listen_addresses=127.0.0.1",
          ],
          user: USER,
          port,
          ready: "20s",
          stop_signal: "SIGTERM",
          interval: "1s",
          confirm: "1s",
          ...(tags.length > 0 ? { tags } : {}),
        },
      ],
    }),
  });
  const ask = (sql: string) =>
    must(rig, [bin("psql"), "-h", "127.0.0.1", "-p", String(port), "-U", USER, "-tAc", sql, USER]);
  await until(() => ask("select 1"), { what: "PostgreSQL answers", timeoutMs: 30_000 });
  return { cortex, port, ask };
}

async function scene(rig: Rig, tags: string[]): Promise<string> {
  const { cortex, port, ask } = await database(rig, tags);
  await ask("create table kept (n int); insert into kept values (42)");
  await killService(port);
  const answers = () =>
    ask("select n from kept").then(
      (text) => text === "42",
      () => false,
    );
  const { decision, doneMs } = await approvedOnce(cortex, "service.start", answers);
  const why = decision.voices.map(({ detail, reason }) => `${reason} ${detail}`).join("; ");
  ensure(why.length > 0, "nobody said why it waits");
  ensureEqual(await ask("select count(*) from kept"), "1", "rows after the restart");
  return inTime(doneMs);
}

const scenario: Scenario = {
  name: "stateful-restart",
  quick: false,
  timeoutMs: 180_000,
  needs: ["postgresql"],
  async run(rig) {
    const doneIn = await scene(rig, []);
    return `PostgreSQL without a tag waited after SIGKILL, answered ${doneIn} after the yes with its row, verified`;
  },
  // Said to keep nothing, it is started at once and nobody is asked.
  control: (rig) => scene(rig, ["stateless"]),
};
export default scenario;
