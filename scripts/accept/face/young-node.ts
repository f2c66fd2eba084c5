/**
 * The first minutes of a node, and its last: let in and not heard yet, an hour of charts of which it has seconds, as many open
 * problems wherever they are counted, and none left when it is revoked.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeItem, ProblemItem, StatusItem } from "../../../core/monitor/items.ts";
import { joinMachine } from "../identity/remote.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { FACE_CONFIG, openFaces, sees } from "./browser.ts";
import { itemsOf } from "./house.ts";

/** One problem of each severity that a check gives. */
const TROUBLE = `
import { definePlugin } from "cortex";
import * as z from "zod";
export default definePlugin({
  name: "trouble", version: "1.0.0", sdk: 1, summary: "Three problems.", modes: ["agent"], capabilities: [],
  config: z.strictObject({}),
  setup: () => ({ checks: [{
    name: "trouble", summary: "Three problems.", type: "trouble.seen", nature: "fact" as const, intervalMs: 1000, confirmMs: 0,
    run: async () => [
      { target: "one", status: "critical" as const, summary: "one is down" },
      { target: "two", status: "warning" as const, summary: "two is slow" },
      { target: "three", status: "warning" as const, summary: "three is only looked at", observe: true },
    ],
  }] }),
});`;

const rowOf = (out: string, name: string): string[] =>
  (out.split("\n").find((line) => line.startsWith(name)) ?? "").split(/\s{2,}/);

/** As many as every other list and count says. */
async function openEverywhere(cortex: Cortex): Promise<Record<string, number>> {
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, one) => all + one, 0);
  const nodes = await itemsOf<NodeItem>(cortex, "nodes");
  const topology = await cortex.api<{ status: StatusItem }>("GET", "cluster/topology");
  const cli = await cortex.cli("problems", "--json");
  return {
    list: (await itemsOf<ProblemItem>(cortex, "problems?state=open")).length,
    nodes: nodes.reduce((all, node) => all + node.openProblems, 0),
    bySeverity: nodes.reduce((all, node) => all + sum(node.problems), 0),
    status: sum(topology.json.status.openProblems),
    cli: (JSON.parse(cli.stdout) as unknown[]).length,
  };
}

/** They change while they are asked for, one after the other: as often as needed, in a bounded time. */
async function agreed(cortex: Cortex): Promise<number> {
  let last: Record<string, number> = {};
  await until(
    async () => {
      last = await openEverywhere(cortex);
      return new Set(Object.values(last)).size === 1;
    },
    { what: "every list and count says the same", timeoutMs: 15_000, everyMs: 500 },
  ).catch(() => undefined);
  ensureEqual(
    new Set(Object.values(last)).size,
    1,
    `different counts of open problems: ${JSON.stringify(last)}`,
  );
  return last["list"]!;
}

const scenario: Scenario = {
  name: "young-node",
  quick: true,
  timeoutMs: 180_000,
  async run(rig) {
    const monitor = await rig.cortex({ config: FACE_CONFIG });
    const faces = await openFaces(rig, monitor);
    const face = await faces.face();
    const { page } = face;
    const edge = await joinMachine(rig, monitor, { name: "edge-1", token: ["--auto-approve"] });
    const node = async () => (await monitor.api<NodeItem>("GET", `nodes/${edge.id}`)).json;

    const young = await node();
    ensureEqual([young.state, young.repairs], ["unheard", null], "a node that was let in and not heard yet");
    const listed = rowOf((await monitor.cli("nodes")).stdout, "edge-1");
    ensureEqual(listed.slice(1, 4), ["unheard", "0", "–"], "its line on the command line");
    await face.open("/");
    await sees(page, "Not heard yet");
    ensureEqual(await page.getByText("edge-1 is silent").count(), 0, "needs about a node that is awaited");
    await face.shot("node-unheard");

    const folder = join(rig.folder, "machine-edge-1", "plugins", "trouble");
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, "index.ts"), TROUBLE, { mode: 0o600 });
    edge.start();
    await until(async () => (await node()).openProblems === 3, {
      what: "its three problems are counted",
      timeoutMs: 40_000,
      everyMs: 200,
    });
    const open = await agreed(monitor);
    ensureEqual(
      rowOf((await monitor.cli("nodes")).stdout, "edge-1")[2],
      "3",
      "its problems on the command line",
    );
    await face.open("/");
    const panel = page.getByRole("region", { name: "Open problems" }).locator("header");
    await panel.getByText(String(open), { exact: true }).waitFor({ timeout: 10_000 });

    await face.open(`/nodes/${edge.id}`);
    await page.getByRole("link", { name: "Problems 3" }).waitFor();
    await page.getByRole("figure", { name: "Load" }).waitFor();
    const from = await page.locator("#events + span").innerText();
    // With the date before it when it was yesterday.
    const [hours = 0, minutes = 0] = (/\d+:\d+/.exec(from)?.[0] ?? "").split(":").map(Number);
    const shown = await page.evaluate(() => new Date().getHours() * 60 + new Date().getMinutes());
    const span = (shown - hours * 60 - minutes + 1440) % 1440;
    ensure(span >= 58 && span <= 62, `the charts of "1h" begin at ${from}, ${span} min ago`);
    await face.shot("node-young");

    ensureEqual((await monitor.cli("nodes", "revoke", "edge-1", "--yes")).code, 0, "revoke");
    await until(
      async () =>
        (await itemsOf<ProblemItem>(monitor, "problems?state=open")).every((one) => one.node !== edge.id),
      {
        what: "its problems left the list",
        timeoutMs: 5000,
      },
    );
    const left = await agreed(monitor);
    await face.open("/problems");
    ensureEqual(await page.getByText("one is down").count(), 0, "problems of a revoked node on the page");
    ensureEqual(await face.faults(), [], "complaints of the page");
    return `not heard yet in dashboard, API and CLI; ${open} open problems in five counts, ${left} after it was revoked; "1h" spans ${span} min of a node that is seconds old`;
  },
};
export default scenario;
