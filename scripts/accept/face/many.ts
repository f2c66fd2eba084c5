import { toIso } from "../../../core/wire/envelope.ts";
import { nodeKeys, reportOf } from "../../bench/lib/fleet.ts";
import { seed } from "../../bench/lib/seed.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime, median, spread } from "../lib/stats.ts";
import { pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { type Face, FACE_CONFIG, openFaces, sees } from "./browser.ts";
import { crowdNode } from "./crowd.ts";
import {
  drawn,
  interactionFloor,
  type Meter,
  openMeter,
  p95Of,
  type Press,
  spreadOf,
  watchPresses,
} from "./measure.ts";

const NODES = 1000;
const PROBLEMS_EACH = 5;
const PATCH = 50;
const ROUNDS = 20;
/** Other programs take the caches away, which costs CPU time as well: the best of so many is what the page itself costs. */
const BEST_OF = 3;
/** Pixels per second: a list of a thousand rows in two seconds. */
const SCROLL_SPEED = 20_000;

/** CPU milliseconds of the main thread; elements of the document; milliseconds to the next frame on a machine at a quarter. */
const BUDGET = { first: 100, refresh: 50, patch: 20, elements: 1500, interaction: 100 };

interface Crowd {
  cortex: Cortex;
  face: Face;
  meter: Meter;
}

/** A browser before a Monitor that knows them all. */
async function gather(rig: Rig, height?: number): Promise<Crowd> {
  const dataDir = `${rig.folder}/crowd`;
  await seed(dataDir, NODES, (index, at) => crowdNode(index, at, PROBLEMS_EACH));
  // The nodes are not there to beat: silence is not what is measured.
  const link = { heartbeat: "10m", report: "15s" };
  const cortex = await rig.cortex({ dataDir, config: { ...FACE_CONFIG, link } });
  const faces = await openFaces(rig, cortex);
  const face = await faces.face(height === undefined ? {} : { height });
  return { cortex, face, meter: await openMeter(face.page) };
}

/** CPU of the main thread from the press on the link until the frame that shows the fleet, in a page that never did. */
async function firstRender({ face, meter }: Crowd): Promise<number> {
  const { page } = face;
  await face.open("/settings");
  await sees(page, "Live");
  await pause(1000);
  const took = await meter.mainThread(async () => {
    await page.evaluate(() => {
      const links = document.querySelectorAll<HTMLAnchorElement>("nav a");
      [...links].find(({ pathname }) => pathname === "/")!.click();
    });
    await page.waitForSelector('main table[aria-label="Nodes"]', { state: "attached" });
    await drawn(page);
  });
  await page.getByText("1,001").first().waitFor({ state: "attached" });
  return took;
}

async function report(cortex: Cortex, keys: string[], from: number, count: number, turn: number) {
  const at = toIso(Date.now());
  await Promise.all(
    Array.from({ length: count }, async (_, place) => {
      const index = (from + place) % NODES;
      const answer = await cortex.api("POST", "reports", reportOf(at, index + turn * 13), {
        key: keys[index]!,
      });
      ensure(answer.status < 300, `report of node ${index}: ${answer.status} ${answer.text}`);
    }),
  );
}

/** CPU that each batch of reports costs the page, what it does anyway in that time taken off. */
async function patches({ cortex, face, meter }: Crowd) {
  const keys = await nodeKeys(cortex, NODES);
  // The Monitor bundles what is not urgent for half a second.
  const quietly = async (ms: number) => {
    await pause(ms);
    await drawn(face.page);
  };
  const idle = (await meter.mainThread(() => quietly(5000))) / 5000;
  const cost = async (ms: number, work: () => Promise<void>) => {
    const began = performance.now();
    const took = await meter.mainThread(async () => {
      await work();
      await quietly(ms);
    });
    return Math.max(0, took - idle * (performance.now() - began));
  };
  const some: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    some.push(await cost(700, () => report(cortex, keys, round * PATCH, PATCH, round)));
  const all: number[] = [];
  for (let round = 0; round < BEST_OF; round += 1)
    all.push(await cost(1500, () => report(cortex, keys, 0, NODES, 99 + round)));
  return { some, all: Math.min(...all) };
}

interface Scrolled {
  frames: number;
  /** Frames that showed room where rows belong, and how much, px. */
  blank: number[];
  /** How far, px. */
  to: number;
  /** Set from outside to end the watch. */
  over: boolean;
}

/** In the page: looks at each frame, after it was drawn, whether rows fill all of the list that can be seen. */
function watchRows(): void {
  const seen = { frames: 0, blank: [] as number[], to: 0, over: false };
  (globalThis as { scrolled?: Scrolled }).scrolled = seen;
  const look = () => {
    const list = document.querySelector('table[aria-label="Nodes"] tbody')!.getBoundingClientRect();
    const bottom = Math.min(list.bottom, innerHeight);
    let covered = Math.max(list.top, 0);
    let gap = 0;
    for (const row of document.querySelectorAll('table[aria-label="Nodes"] tr[data-row]')) {
      const at = row.getBoundingClientRect();
      if (at.bottom <= covered || at.top >= bottom) continue;
      gap += Math.max(0, at.top - covered);
      covered = at.bottom;
    }
    gap += Math.max(0, bottom - covered);
    seen.frames += 1;
    seen.to = Math.max(seen.to, scrollY);
    if (gap > 1) seen.blank.push(Math.round(gap));
    if (!seen.over) next();
  };
  const next = () => requestAnimationFrame(() => setTimeout(look));
  next();
}

/** Through the whole list and into its middle by the wheel of a person in a hurry. */
async function scroll({ face: { page }, meter }: Crowd): Promise<Scrolled> {
  await page.evaluate(watchRows);
  const gesture = (yDistance: number) =>
    meter.cdp.send("Input.synthesizeScrollGesture", {
      x: 700,
      y: 500,
      yDistance,
      speed: SCROLL_SPEED,
      gestureSourceType: "mouse",
    });
  // The list asks for more as its end comes near: it is through when all are there and none is below.
  await until(
    async () => {
      await gesture(-15_000);
      const rows = await page.getByRole("table", { name: "Nodes" }).getAttribute("aria-rowcount");
      return (
        Number(rows) === NODES + 2 &&
        page.evaluate(() => scrollY + innerHeight >= document.documentElement.scrollHeight - 2)
      );
    },
    { what: "the end of the whole list is reached", timeoutMs: 30_000 },
  );
  await gesture(15_000);
  return page.evaluate(() => {
    const { scrolled } = globalThis as unknown as { scrolled: Scrolled };
    scrolled.over = true;
    return scrolled;
  });
}

/** A tile brings the nodes it counts up to where they are seen, and takes them back; the filter finds what is typed. */
async function filter({ face: { page } }: Crowd): Promise<void> {
  const row = page.locator('table[aria-label="Nodes"] tr[data-row]').first();
  const tile = page.getByRole("group", { name: "Nodes by state" }).getByRole("button", { name: "Degraded" });
  await page.evaluate(() => scrollTo(0, 0));
  const inView = () =>
    row.evaluate((one) => one.getBoundingClientRect().top < innerHeight).catch(() => false);
  const comes = (what: string, wanted: boolean) =>
    until(async () => (await inView()) === wanted, { what, timeoutMs: 5000 });
  await comes("the long list is below what needs a look", false);
  await tile.click();
  await comes("the nodes of the tile are in view", true);
  await tile.click();
  await comes("without the tile the list is below again", false);
  await page.keyboard.press("/");
  await page.keyboard.type("host-0123");
  await until(async () => /host-0123/.test((await row.textContent().catch(() => "")) ?? ""), {
    what: "the list holds what was typed",
    timeoutMs: 5000,
  });
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.getByRole("table", { name: "Nodes" }).waitFor();
  await pause(500);
}

/** Presses and keys on a machine four times as slow: how long until the next frame, each. */
async function interact({ face: { page }, meter }: Crowd): Promise<readonly Press[]> {
  const { press, took } = await watchPresses(page);
  const type = async (text: string) => {
    for (const letter of text) await press(`key ${letter}`, () => page.keyboard.type(letter), 150);
  };
  await meter.slowedBy(4, async () => {
    const tiles = page.getByRole("group", { name: "Nodes by state" });
    for (const tile of ["Degraded", "Degraded", "Healthy", "Healthy"])
      await press(`tile ${tile}`, () => tiles.getByRole("button", { name: tile }).click(), 400);
    const strike = (key: string) => press(key, () => page.keyboard.press(key), 400);
    await strike("/");
    await type("host-01");
    await strike("Control+a");
    await strike("Delete");
    await strike("Control+k");
    await page.getByRole("combobox").waitFor();
    await type("host-07");
    await strike("Escape");
  });
  return took;
}

const within = (what: string, value: number, most: number, unit = " ms") =>
  ensure(value <= most, `${what}: ${Math.round(value)}${unit}, at most ${Math.round(most)}${unit}`);

/** A thousand nodes on one screen: nothing scrolls, the worst come first, and the number of things that wait is whole. */
async function onTheWall({ face: { page, open, shot } }: Crowd): Promise<void> {
  await page.setViewportSize({ width: 1920, height: 1080 });
  await open("/wall");
  await sees(page, /^[\d,]+ more/);
  const [beyond, waiting] = await page.evaluate(() => [
    document.documentElement.scrollHeight - innerHeight,
    document.querySelector("h1")!.textContent,
  ]);
  await shot("many-wall");
  ensureEqual(beyond, 0, "px beyond the screen");
  ensure(/^[\d,]+ things need you$/.test(waiting.trim()), `the wall says "${waiting}"`);
}

async function judgeFirst(crowd: Crowd) {
  const tries: number[] = [];
  for (let turn = 0; turn < BEST_OF; turn += 1) tries.push(await firstRender(crowd));
  const first = Math.min(...tries);
  await pause(1000);
  const elements = await crowd.meter.elements();
  within("elements of the fleet", elements, BUDGET.elements, "");
  within("main thread until the fleet is drawn", first, BUDGET.first);
  return { first, elements };
}

const scenario: Scenario = {
  name: "a-thousand-nodes",
  quick: false,
  timeoutMs: 600_000,
  async run(rig) {
    const crowd = await gather(rig);
    const { page } = crowd.face;
    const { first, elements } = await judgeFirst(crowd);
    await crowd.face.shot("many-fleet");
    rig.say(`first render ${inTime(first)}, ${elements} elements`);
    const scrolled = await scroll(crowd);
    ensureEqual(scrolled.blank, [], "frames with blank rows, px each");
    ensure(
      scrolled.frames > 60 && scrolled.to > NODES * 30,
      `scrolled too little: ${JSON.stringify(scrolled)}`,
    );
    rig.say(`scrolled ${Math.round(scrolled.to)} px, ${scrolled.frames} frames`);
    const amid = await crowd.meter.elements();
    within("elements amid the list", amid, BUDGET.elements, "");
    const { some, all } = await patches(crowd);
    rig.say(`patches ${spread(some)}, all ${inTime(all)}`);
    const took = await interact(crowd);
    await filter(crowd);
    const floor = await interactionFloor(crowd.face.context, 4);
    rig.say(`interactions ${spreadOf(took)}, of an empty page p95 ${inTime(floor)}`);
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Problems" }).click();
    await page.getByRole("heading", { name: "Problems", level: 1 }).waitFor();
    await drawn(page);
    const onProblems = await crowd.meter.elements();
    await crowd.face.shot("many-problems");
    await onTheWall(crowd);
    ensureEqual(await crowd.face.faults(), [], "complaints of the page");

    within("elements of the problems", onProblems, BUDGET.elements, "");
    within(`main thread for ${PATCH} changed nodes`, median(some), BUDGET.patch);
    within(`main thread for all ${NODES} changed`, all, BUDGET.refresh);
    within("interaction, p95 at a quarter of the speed", p95Of(took), floor + BUDGET.interaction);
    return `main thread: first render ${inTime(first)}, ${PATCH} changed ${inTime(median(some))}, all changed ${inTime(all)}; ${scrolled.frames} frames of fast scrolling, none blank; interaction at CPU/4 p95 ${inTime(p95Of(took))}, of an empty page ${inTime(floor)}; ${Math.max(elements, amid)} elements (problems ${onProblems})`;
  },
  // In a window as high as the list nothing is left out of the drawing.
  async control(rig) {
    const { first, elements } = await judgeFirst(await gather(rig, NODES * 45));
    return `first render ${inTime(first)}, ${elements} elements`;
  },
};
export default scenario;
