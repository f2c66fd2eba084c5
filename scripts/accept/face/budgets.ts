import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime, median } from "../lib/stats.ts";
import { pause, until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { type Face, type Faces, openFaces, sees, type View } from "./browser.ts";
import { furnish, type House } from "./house.ts";
import { openMeter, p95Of, spreadOf } from "./measure.ts";
import { walk } from "./walk.ts";

/** Kilobytes as they come over the wire, heads included; times in ms; `phone` is a machine at a quarter on a slow network. */
const BUDGET = {
  shellKb: 60,
  firstScreenKb: 95,
  cssKb: 15,
  fontKb: 50,
  routeKb: 45,
  lcp: 600,
  phoneLcp: 2000,
  phoneBlocked: 100,
  shift: 0.02,
  interaction: 100,
};
const LOADS = 5;
const PHONE: View = { theme: "dark", width: 390 };
/** What Lighthouse takes for a phone: 1.6 Mbit/s, 150 ms there and back. */
const SLOW_NETWORK = { offline: false, latency: 150, downloadThroughput: 204_800, uploadThroughput: 96_000 };

interface Loaded {
  url: string;
  type: string;
  /** Bytes on the wire. */
  bytes: number;
}

/** Everything that the page fetches from now on, in order of arrival. */
async function watchNetwork(face: Face): Promise<Loaded[]> {
  const cdp = await face.context.newCDPSession(face.page);
  const open = new Map<string, { url: string; type: string }>();
  const loaded: Loaded[] = [];
  cdp.on("Network.responseReceived", ({ requestId, response, type }) =>
    open.set(requestId, { url: response.url, type }),
  );
  cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const one = open.get(requestId);
    if (one !== undefined) loaded.push({ ...one, bytes: encodedDataLength });
  });
  await cdp.send("Network.enable");
  // What the installed dashboard keeps would come from the disk.
  await cdp.send("Network.setBypassServiceWorker", { bypass: true });
  return loaded;
}

/** What is fetched while nothing else is to do belongs to no screen: with this it never is. */
const neverIdle = (face: Face): Promise<unknown> =>
  face.page.addInitScript(() => {
    globalThis.requestIdleCallback = () => 0;
  });

const kb = (loaded: readonly Loaded[], fits: (one: Loaded) => boolean): number =>
  loaded.filter(fits).reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
const isScript = ({ type }: Loaded) => type === "Script";

interface Sizes {
  shell: number;
  firstScreen: number;
  css: number;
  font: number;
}

type Prepare = (face: Face) => Promise<unknown>;

/** A first visit to the fleet, with nothing in the cache. */
async function firstVisit(faces: Faces, house: House, prepare?: Prepare): Promise<Sizes> {
  const face = await faces.face();
  await neverIdle(face);
  await prepare?.(face);
  const loaded = await watchNetwork(face);
  await face.open("/");
  await sees(face.page, house.node.name);
  await pause(300);
  await face.close();
  const shell = /\/early\.js|\/assets\/(index|shell)-/;
  return {
    shell: kb(loaded, (one) => isScript(one) && shell.test(one.url)),
    firstScreen: kb(loaded, isScript),
    css: kb(loaded, ({ type }) => type === "Stylesheet"),
    font: kb(loaded, ({ type }) => type === "Font"),
  };
}

const ROUTES = ["Problems", "Timeline", "Checks", "Plugins", "Settings", "node"] as const;

/** What going from the fleet to another screen fetches of scripts, kB each. */
async function routes(faces: Faces, house: House): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const name of ROUTES) {
    const face = await faces.face();
    await neverIdle(face);
    await face.open("/");
    await sees(face.page, house.node.name);
    const loaded = await watchNetwork(face);
    const link =
      name === "node"
        ? face.page.getByRole("link", { name: house.node.name }).first()
        : face.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).first();
    await link.click();
    await until(async () => kb(loaded, isScript) > 0, {
      what: `the scripts of ${name} come; what is measured here?`,
      timeoutMs: 5000,
    });
    await face.page.waitForLoadState("networkidle");
    await pause(500);
    sizes[name] = kb(loaded, isScript);
    await face.close();
  }
  return sizes;
}

interface Paint {
  lcp: number;
  shift: number;
  /** Time by which tasks were longer than 50 ms, after the first content was there. */
  blocked: number;
}

/** In the page, before anything else: writes down what the browser says about the load. */
function watchPaint(): void {
  const seen = { lcp: 0, shift: 0, blocked: 0 };
  (globalThis as { paint?: Paint }).paint = seen;
  const watch = (type: string, take: (entry: PerformanceEntry) => void) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  watch("largest-contentful-paint", (entry) => (seen.lcp = Math.max(seen.lcp, entry.startTime)));
  watch("layout-shift", (entry) => {
    const { value, hadRecentInput } = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
    if (!hadRecentInput) seen.shift += value;
  });
  // Total blocking time begins with the first content: before it nobody can press anything.
  let firstAt = Infinity;
  const long: PerformanceEntry[] = [];
  const sum = () => {
    const after = long.filter(({ startTime, duration }) => startTime + duration > firstAt);
    seen.blocked = after.reduce(
      (all, { startTime, duration }) =>
        all + Math.max(0, startTime + duration - Math.max(startTime, firstAt) - 50),
      0,
    );
  };
  watch("paint", ({ name, startTime }) => {
    if (name === "first-contentful-paint") firstAt = startTime;
    sum();
  });
  watch("longtask", (entry) => {
    long.push(entry);
    sum();
  });
}

interface LoadOptions {
  phone?: boolean;
  prepare?: Prepare | undefined;
}

async function load(faces: Faces, house: House, { phone, prepare }: LoadOptions = {}): Promise<Paint> {
  const face = await faces.face(phone ? PHONE : {});
  await face.page.addInitScript(watchPaint);
  await prepare?.(face);
  const meter = await openMeter(face.page);
  const look = async () => {
    await face.open("/");
    await sees(face.page, house.node.name);
    await face.page.waitForLoadState("networkidle");
    await pause(500);
  };
  if (phone) {
    await meter.cdp.send("Network.enable");
    await meter.cdp.send("Network.emulateNetworkConditions", SLOW_NETWORK);
    await meter.slowedBy(4, look);
  } else await look();
  const paint = await face.page.evaluate(() => (globalThis as unknown as { paint: Paint }).paint);
  ensureEqual(await face.faults(), [], "complaints of the page");
  await face.close();
  return paint;
}

async function loads(faces: Faces, house: House, count: number, options: LoadOptions): Promise<Paint> {
  const all: Paint[] = [];
  for (let turn = 0; turn < count; turn += 1) all.push(await load(faces, house, options));
  const of = (name: keyof Paint) => all.map((one) => one[name]);
  // A busy machine makes one load slow, a slow dashboard all of them.
  return { lcp: median(of("lcp")), shift: Math.max(...of("shift")), blocked: median(of("blocked")) };
}

const within = (what: string, value: number, most: number, unit: string) =>
  ensure(
    value <= most,
    `${what}: ${value.toFixed(most < 1 ? 3 : 1)} ${unit}, at most ${most.toFixed(most < 1 ? 2 : 0)} ${unit}`,
  );

function judgeSizes(sizes: Sizes): string {
  within("scripts of the shell", sizes.shell, BUDGET.shellKb, "kB");
  within("scripts of the first screen", sizes.firstScreen, BUDGET.firstScreenKb, "kB");
  within("style sheets", sizes.css, BUDGET.cssKb, "kB");
  within("fonts", sizes.font, BUDGET.fontKb, "kB");
  const { shell, firstScreen, css, font } = sizes;
  ensure(
    Math.min(shell, firstScreen, css, font) > 1,
    `not everything was measured: ${JSON.stringify(sizes)}`,
  );
  return `on the wire: shell ${shell.toFixed(1)} kB, first screen ${firstScreen.toFixed(1)} kB, CSS ${css.toFixed(1)} kB, font ${font.toFixed(1)} kB`;
}

async function busyness(faces: Faces): Promise<number> {
  const face = await faces.stranger();
  const busy = await (await openMeter(face.page)).busyness();
  await face.close();
  return busy;
}

async function judgePaint(faces: Faces, house: House, count: number, prepare?: Prepare): Promise<string> {
  const desk = await loads(faces, house, count, { prepare });
  const busy = await busyness(faces);
  within("largest paint", desk.lcp, BUDGET.lcp * busy, "ms");
  within("layout shift", desk.shift, BUDGET.shift, "");
  const phone = await loads(faces, house, count, { phone: true, prepare });
  within("largest paint on a phone", phone.lcp, BUDGET.phoneLcp * busy, "ms");
  within("blocked on a phone", phone.blocked, BUDGET.phoneBlocked * busy, "ms");
  within("layout shift on a phone", phone.shift, BUDGET.shift, "");
  return `largest paint ${inTime(desk.lcp)} (phone ${inTime(phone.lcp)}, blocked ${inTime(phone.blocked)}), shift ${Math.max(desk.shift, phone.shift).toFixed(3)}, machine ${busy.toFixed(1)} times as slow as at rest`;
}

/** 200 kB that do not pack, in the shell. */
const fatten: Prepare = (face) =>
  face.page.route(/\/assets\/shell-.*\.js/, async (route) => {
    const answer = await route.fetch();
    const ballast = Buffer.from(crypto.getRandomValues(new Uint8Array(50_000))).toString("hex");
    return route.fulfill({ response: answer, body: `${await answer.text()}\n//${ballast}` });
  });

/** A second of nothing before the shell comes. */
const dawdle: Prepare = (face) =>
  face.page.route(/\/assets\/shell-.*\.js/, async (route) => {
    await pause(1000);
    return route.continue();
  });

async function start(rig: Rig) {
  const house = await furnish(rig);
  return { house, faces: await openFaces(rig, house.cortex) };
}

const sizes: Scenario = {
  name: "budgets-of-the-wire",
  quick: true,
  timeoutMs: 180_000,
  async run(rig) {
    const { house, faces } = await start(rig);
    const figures = judgeSizes(await firstVisit(faces, house));
    const each = await routes(faces, house);
    for (const [name, size] of Object.entries(each)) within(`scripts of ${name}`, size, BUDGET.routeKb, "kB");
    const [name, size] = Object.entries(each).toSorted((a, b) => b[1] - a[1])[0]!;
    return `${figures}; largest screen beside it: ${name} ${size.toFixed(1)} kB`;
  },
  async control(rig) {
    const { house, faces } = await start(rig);
    return judgeSizes(await firstVisit(faces, house, fatten));
  },
};

const paints: Scenario = {
  name: "budgets-of-the-eye",
  quick: false,
  timeoutMs: 300_000,
  async run(rig) {
    const { house, faces } = await start(rig);
    const figures = await judgePaint(faces, house, LOADS);
    rig.say(figures);
    const { took, floor } = await walk(faces, house);
    const spoken = `${took.length} interactions at CPU/4 ${spreadOf(took)}, of an empty page p95 ${inTime(floor)}`;
    rig.say(spoken);
    within("interaction, p95 at a quarter of the speed", p95Of(took), floor + BUDGET.interaction, "ms");
    return `${figures}; ${spoken}`;
  },
  async control(rig) {
    const { house, faces } = await start(rig);
    return judgePaint(faces, house, 1, dawdle);
  },
};

export default [sizes, paints];
