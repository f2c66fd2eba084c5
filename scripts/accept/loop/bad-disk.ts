/** The disk fills up under a running daemon: it says so, lives on, and loses nothing that it acknowledged. */
import type { IntentItem } from "../../../core/monitor/items.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { until } from "../lib/wait.ts";
import { fillUp, makeRoom, mountTmpfs } from "./bad-folder.ts";
import type { Stage } from "./bad-start.ts";

/** Notes that were answered with 201 must be there ever after. */
function createWriter(cortex: Cortex) {
  const acknowledged: string[] = [];
  let count = 0;
  return {
    acknowledged,
    async write() {
      count += 1;
      const summary = `written ${count}`;
      const answer = await cortex.api("POST", "intents", { kind: "note", summary, text: "x".repeat(4000) });
      if (answer.status === 201) acknowledged.push(summary);
      return answer;
    },
    async ensureKept(when: string) {
      const { json } = await cortex.api<{ items: IntentItem[] }>("GET", "intents?limit=500");
      const listed = new Set(json.items.map((one) => one.summary));
      const lost = acknowledged.find((summary) => !listed.has(summary));
      ensure(lost === undefined, `"${lost}" was acknowledged and is lost ${when}`);
      const verified = await cortex.cli("intents", "verify");
      ensureEqual([verified.code, verified.stderr], [0, ""], `intents verify ${when}`);
    },
  };
}

export async function badDisk(stage: Stage): Promise<void> {
  const { rig, transcript } = stage;
  const mount = await mountTmpfs(rig, "fills-up", "24m");
  const dataDir = stage.folder("data", mount);
  const cortex = await rig.cortex({ dataDir, config: { link: { report: "1s" } } });
  const writer = createWriter(cortex);
  for (let count = 0; count < 3; count += 1) ensureEqual((await writer.write()).status, 201, "POST intents");

  fillUp(mount);
  // What the files had room for already may still be written.
  const refused = await until(
    async () => {
      const answer = await writer.write();
      return answer.status !== 201 && answer;
    },
    { what: "a write on the full disk is refused", timeoutMs: 15_000, everyMs: 1 },
  );
  transcript.answered("running: the disk is full", refused);
  ensureEqual(refused.status, 503, "status of a write on the full disk");
  ensure((await fetch(`${cortex.url}/healthz`)).ok, "on a full disk it does not answer any more");
  ensureEqual((await cortex.api("GET", "nodes")).status, 200, "GET nodes on the full disk");
  ensure(cortex.stderr().includes("the disk is full"), "its log does not say that the disk is full");

  makeRoom(mount);
  await until(async () => (await writer.write()).status === 201, {
    what: "writes work again once there is room",
    timeoutMs: 20_000,
    everyMs: 200,
  });
  ensure(cortex.isRunning, "the daemon ended on the full disk");
  await writer.ensureKept("once there was room");
  await cortex.restart();
  await writer.ensureKept("after a restart");
  await cortex.stop();
  await stage.ensureWhole(dataDir, "a disk that was full");
}
