import type { Page } from "playwright-core";
import type { IntentItem, NodeItem, ProblemItem } from "../../../core/monitor/items.ts";
import { seed } from "../../bench/lib/seed.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import { killService } from "../loop/one-repair.ts";
import type { Scenario } from "../scenario.ts";
import { type Face, openFaces, overflowAt } from "./browser.ts";
import { type Detector, openDetector } from "./detector.ts";
import { HOSTILE_PLUGIN, hostileNode, payload } from "./hostile-node.ts";
import { furnish, itemsOf, writePlugin } from "./house.ts";
import { drawn } from "./measure.ts";
import { HUGE, PAYLOADS } from "./payloads.ts";

const NODES = PAYLOADS.length;
/** Every how manieth node is looked at with all its parts. */
const STRIDE = 45;
const WIDTHS = [1366, 390, 320];

interface Walk {
  cortex: Cortex;
  face: Face;
  page: Page;
  detector: Detector;
  wrong: string[];
  looked: number;
}

/** Nothing ran, nothing was made, nothing is wider than the window. */
async function judge(walk: Walk, name: string): Promise<void> {
  const { page, face, detector } = walk;
  const found = [...(await detector.findings()), ...(await face.faults())];
  for (const width of WIDTHS) {
    const wide = await overflowAt(page, width);
    if (wide > 0) found.push(`${wide} px too wide at ${width}`);
  }
  walk.wrong.push(...found.map((line) => `${name}: ${line}`));
  walk.looked += 1;
}

async function visit(walk: Walk, path: string): Promise<void> {
  await walk.face.open(path);
  await drawn(walk.page);
}

/** What links say, by where they lead; read while the page is scrolled to its end. */
async function linksOf(page: Page, selector: string): Promise<Map<string, string>> {
  const pairs = await page.evaluate(async (links) => {
    const said = new Map<string, string>();
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    for (let top = 0; ; top += innerHeight / 2) {
      scrollTo(0, top);
      // The frame in which it is heard of the scrolling, and that in which the rows are there.
      await frame();
      await frame();
      for (const link of document.querySelectorAll<HTMLAnchorElement>(links))
        said.set(link.href, link.textContent ?? "");
      const more = [...document.querySelectorAll<HTMLButtonElement>("main button")].find((button) =>
        /^Show (\d+ more|older.*)$/.test(button.textContent ?? ""),
      );
      if (top + innerHeight < document.documentElement.scrollHeight) continue;
      if (more === undefined) return [...said];
      more.click();
      await frame();
      while (more.isConnected && more.ariaBusy === "true") await frame();
    }
  }, selector);
  return new Map(pairs);
}

/** Every item of a list is on its page, in the very words in which it came. */
async function compare(
  walk: Walk,
  name: string,
  wanted: Map<string, string>,
  said: Map<string, string>,
): Promise<void> {
  let missing = 0;
  for (const [id, words] of wanted) {
    const shown = [...said].find(([href]) => decodeURIComponent(href).includes(id))?.[1];
    if (shown === undefined) missing += 1;
    else if (shown.trim() !== words.trim())
      walk.wrong.push(
        `${name}: ${JSON.stringify(words.slice(0, 80))} is shown as ${JSON.stringify(shown.slice(0, 80))}`,
      );
  }
  if (missing > 0) walk.wrong.push(`${name}: ${missing} of ${wanted.size} are not shown`);
}

async function lists(walk: Walk): Promise<void> {
  const { cortex, page } = walk;
  const nodes = await itemsOf<NodeItem>(cortex, "nodes?limit=500");
  const sent = new Set(Array.from({ length: NODES }, (_, index) => payload(index, 255)));
  const came = nodes.filter(({ name }) => sent.has(name)).length;
  ensure(came >= NODES, `of ${NODES} hostile names ${came} came through the wire as they were`);
  await visit(walk, "/");
  const links = 'table[aria-label="Nodes"] a';
  // The nodes fall silent one after the other, and are sorted anew: one may pass the place that is read. So twice.
  const names = new Map([...(await linksOf(page, links)), ...(await linksOf(page, links))]);
  await compare(walk, "fleet", new Map(nodes.map(({ id, name }) => [id, name])), names);
  await walk.face.shot("hostile-fleet");
  await judge(walk, "fleet");

  await visit(walk, "/problems");
  const problems = await itemsOf<ProblemItem>(cortex, "problems?limit=500&state=open");
  const summaries = await linksOf(page, "main li a");
  await compare(walk, "problems", new Map(problems.map(({ id, summary }) => [id, summary])), summaries);
  await walk.face.shot("hostile-problems");
  await judge(walk, "problems");

  await visit(walk, "/timeline");
  const intents = await itemsOf<IntentItem>(cortex, "intents?limit=500");
  const entries = await linksOf(page, "main li a");
  await compare(walk, "timeline", new Map(intents.map(({ id, summary }) => [id, summary])), entries);
  await judge(walk, "timeline");

  for (const screen of ["checks", "plugins"]) {
    await visit(walk, `/${screen}`);
    const items = await itemsOf<{ id: string }>(cortex, `${screen}?limit=100`);
    const all = await page.evaluate(() => document.querySelector("main")!.textContent);
    const gone = items.filter(({ id }) => !all.includes(id));
    if (gone.length > 0)
      walk.wrong.push(`${screen}: not shown: ${JSON.stringify(gone[0]!.id)} and ${gone.length - 1} more`);
    await walk.face.shot(`hostile-${screen}`);
    await judge(walk, screen);
  }
  await visit(walk, "/settings");
  await judge(walk, "settings");
}

const TABS = ["overview", "checks", "problems", "repairs", "evidence", "reports"];

/** Some nodes with all their parts, and what is open and done there in full. */
async function details(walk: Walk): Promise<void> {
  const { cortex, page } = walk;
  const nodes = (await itemsOf<NodeItem>(cortex, "nodes?limit=500")).filter(
    (_, index) => index % STRIDE === 0,
  );
  const problems = await itemsOf<ProblemItem>(cortex, "problems?limit=500&state=open");
  const intents = await itemsOf<IntentItem>(cortex, "intents?limit=500");
  const huge = problems.find(({ summary }) => summary.length >= HUGE.length);
  ensure(huge !== undefined, "the summary of ten thousand characters did not come through the wire");
  for (const node of [...nodes, { id: huge.node, name: huge.nodeName }]) {
    for (const tab of TABS) {
      await visit(walk, `/nodes/${node.id}?tab=${tab}`);
      const heading = await page.getByRole("main").getByRole("heading", { level: 2 }).first().textContent();
      if (heading?.trim() !== node.name.trim())
        walk.wrong.push(
          `node: ${JSON.stringify(node.name.slice(0, 80))} is headed ${JSON.stringify(heading)}`,
        );
      await judge(walk, `node ${tab} of ${JSON.stringify(node.name.slice(0, 40))}`);
    }
    for (const one of problems.filter((problem) => problem.node === node.id)) {
      await visit(walk, `/problems?problem=${one.id}`);
      await page.getByRole("dialog").waitFor();
      await judge(walk, `problem of ${JSON.stringify(node.name.slice(0, 40))}`);
    }
    for (const one of intents.filter((intent) => intent.node === node.id)) {
      await visit(walk, `/timeline?intent=${one.id}`);
      await page.getByRole("dialog").waitFor();
      await judge(walk, `intent of ${JSON.stringify(node.name.slice(0, 40))}`);
    }
    await walk.face.shot(`hostile-node-${nodes.indexOf(node as NodeItem)}`);
  }
}

/** What comes while somebody looks: toasts, the title, the palette, and evidence that was frozen with it. */
async function inPassing(walk: Walk, port: number): Promise<void> {
  const { cortex, page } = walk;
  await visit(walk, "/");
  writePlugin(cortex, "hostile", HOSTILE_PLUGIN);
  const toast = page
    .getByRole("alert")
    .or(page.getByRole("status"))
    .filter({ hasText: /alert\(1\)|new problems/ });
  await toast.first().waitFor({ timeout: 30_000 });
  await judge(walk, "toast");
  const title = await page.title();
  ensure(/^\(\d+\) Fleet · Cortex$/.test(title), `the title is ${JSON.stringify(title)}`);

  await page.keyboard.press("Control+k");
  await page.keyboard.type("alert");
  await page.getByRole("option").first().waitFor();
  await judge(walk, "palette");
  await page.keyboard.press("Escape");

  const before = new Set(
    (await itemsOf<IntentItem>(cortex, "intents?kind=repair&limit=500")).map(({ id }) => id),
  );
  await killService(port);
  const repaired = await until(
    async () =>
      (await itemsOf<IntentItem>(cortex, "intents?kind=repair&limit=500")).find(
        (one) => !before.has(one.id) && one.state === "verified" && one.evidenceIds.length > 0,
      ) ?? null,
    { what: "a repair with evidence", timeoutMs: 30_000, everyMs: 200 },
  );
  await visit(walk, `/problems?problem=${repaired.problemId}`);
  const panel = page.getByRole("dialog");
  await panel.getByRole("button", { name: "Show" }).first().click();
  await panel.locator("pre").first().waitFor();
  const frozen = (await panel.locator("pre").allTextContents()).join("\n");
  ensure(frozen.includes("alert(1)"), "the evidence holds nothing hostile");
  await walk.face.shot("hostile-evidence");
  await judge(walk, "evidence");
  await visit(walk, `/nodes/${repaired.node}?tab=config`);
  await judge(walk, "config");
}

async function start(rig: Rig) {
  const dataDir = `${rig.folder}/hostile`;
  await seed(dataDir, NODES, hostileNode);
  return furnish(rig, { dataDir });
}

const scenario: Scenario = {
  name: "hostile-strings",
  quick: false,
  timeoutMs: 600_000,
  async run(rig) {
    const { cortex, port } = await start(rig);
    const faces = await openFaces(rig, cortex);
    const face = await faces.face();
    const { page } = face;
    const detector = await openDetector(page, cortex.url);
    const walk: Walk = { cortex, face, page, detector, wrong: [], looked: 0 };
    await lists(walk);
    rig.say(`lists: ${walk.looked} looked at, ${walk.wrong.length} findings`);
    await details(walk);
    rig.say(`details: ${walk.looked} looked at, ${walk.wrong.length} findings`);
    await inPassing(walk, port);
    ensureEqual(walk.wrong, [], "what hostile words did");
    return `${PAYLOADS.length} payloads as names, labels, units, summaries, targets, notes, plugins, evidence: ${walk.looked} pages, all of it text; 0 dialogs, 0 elements, 0 reports, none wider than ${WIDTHS.join(", ")}`;
  },
  /** The same words in a page that puts them into innerHTML, under no policy. */
  async control(rig) {
    const faces = await openFaces(rig, await rig.cortex());
    const { page } = await faces.stranger();
    const detector = await openDetector(page, "about:");
    await page.setContent("<main></main>");
    for (const text of PAYLOADS) {
      await page.evaluate((html) => {
        // oxlint-disable-next-line cortex/no-markup -- shows that the policy holds even then
        document.querySelector("main")!.innerHTML = html;
      }, text);
    }
    await drawn(page);
    ensureEqual(await detector.findings(), [], "what hostile words did");
    return "nothing";
  },
};
export default scenario;
