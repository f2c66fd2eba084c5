import type { Page, WebSocketRoute } from "playwright-core";
import { ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import type { Scenario } from "../scenario.ts";
import { axeFindings, type Face, openFaces, overflowAt, sees } from "./browser.ts";
import { furnish, type House } from "./house.ts";

interface Screen {
  name: string;
  path: (house: House) => string;
  /** What it says when there is nothing. */
  empty: string | RegExp;
}

const node = (tab: string) => (house: House) => `/nodes/${house.node.id}?tab=${tab}`;

const SCREENS: Screen[] = [
  { name: "fleet", path: () => "/", empty: "No nodes yet" },
  { name: "wall", path: () => "/wall", empty: "No nodes yet" },
  { name: "problems", path: () => "/problems", empty: "No open problems" },
  { name: "problems-resolved", path: () => "/problems?state=resolved", empty: "No resolved problems" },
  { name: "timeline", path: () => "/timeline", empty: "Nothing was repaired yet" },
  { name: "checks", path: () => "/checks", empty: "No checks yet" },
  { name: "plugins", path: () => "/plugins", empty: "No plugins yet" },
  { name: "node", path: node("overview"), empty: "No history in this span" },
  { name: "node-checks", path: node("checks"), empty: "No results yet" },
  { name: "node-problems", path: node("problems"), empty: "No open problems" },
  { name: "node-repairs", path: node("repairs"), empty: "It holds no repair" },
  { name: "node-evidence", path: node("evidence"), empty: "No evidence on this node" },
  { name: "node-reports", path: node("reports"), empty: "No runs reported yet" },
];

/** Everything of the API but the session, which must hold for a screen to be shown at all. */
const DATA = /\/api\/v1\/(?!auth\/|live)/;
const LIVE = /\/api\/v1\/live/;

type State = "loading" | "empty" | "error";

/** Puts the page's data into a state; the program itself, its session and its files stay the real ones. */
async function put(page: Page, state: State, house: House): Promise<void> {
  await page.routeWebSocket(LIVE, (socket) =>
    state === "empty" ? answerNothing(socket, house, page.url()) : silence(socket, state),
  );
  await page.route(DATA, async (route) => {
    const url = route.request().url();
    if (url.includes("/settings")) return route.continue();
    // Never answered: the page waits as long as somebody looks at it.
    if (state === "loading") return undefined;
    if (state === "error")
      return route.fulfill({
        status: 500,
        json: { error: { code: "http.internal", message: "it broke", id: "e-1" } },
      });
    const { pathname } = new URL(url);
    if (pathname.endsWith("/metrics"))
      return route.fulfill({ json: { from: "", to: "", names: [], series: [] } });
    if (pathname.includes("/nodes/"))
      return route.fulfill({
        json: { ...bareNode(house), bootId: null, latest: [], skipped: [], maintenance: [] },
      });
    return route.fulfill({ json: { items: [], next: null } });
  });
}

const bareNode = (house: House) => ({
  ...house.node,
  openProblems: 0,
  state: "online",
  worst: "ok",
  metrics: {},
});

function silence(socket: WebSocketRoute, state: State): void {
  if (state === "error") void socket.close();
}

/** The topics as they are on a Monitor that nothing has reported to; the page of a node has its node. */
function answerNothing(socket: WebSocketRoute, house: House, path: string): void {
  socket.onMessage((text) => {
    const { subscribe = [] } = JSON.parse(String(text)) as { subscribe?: string[] };
    const onNode = path.includes("/nodes/");
    for (const topic of subscribe) {
      const items = topic === "nodes" && onNode ? [bareNode(house)] : [];
      socket.send(JSON.stringify({ topic, type: "snapshot", seq: 1, items }));
    }
  });
}

const SHOWS: Record<State, (page: Page, screen: Screen) => Promise<unknown>> = {
  loading: (page) => page.locator('[aria-label="Loading"]').first().waitFor(),
  empty: (page, screen) => sees(page, screen.empty),
  error: (page) => page.getByRole("alert").filter({ hasText: "could not be loaded" }).first().waitFor(),
};

async function judge(face: Face, name: string): Promise<string[]> {
  await face.page.waitForTimeout(400);
  await face.shot(`state-${name}`);
  const wrong = [...(await face.faults()), ...(await axeFindings(face.page))];
  const wide = await overflowAt(face.page, 320);
  if (wide > 0) wrong.push(`${wide} px too wide at 320`);
  return wrong.map((line) => `${name}: ${line}`);
}

async function lookAt(rig: Rig, house: House): Promise<string[]> {
  const faces = await openFaces(rig, house.cortex);
  const wrong: string[] = [];
  for (const state of ["loading", "empty", "error"] as const) {
    const face = await faces.face({ theme: "dark", width: 1366 });
    await put(face.page, state, house);
    for (const screen of SCREENS) {
      await face.page.goto(house.cortex.url + screen.path(house));
      await SHOWS[state](face.page, screen).catch((error: Error) =>
        wrong.push(`${screen.name} is not ${state}: ${error.message.split("\n")[0]}`),
      );
      wrong.push(...(await judge(face, `${screen.name}-${state}`)));
    }
    await face.close();
    rig.say(`${state}: ${SCREENS.length} screens, ${wrong.length} findings`);
  }
  wrong.push(...(await goStale(rig, house)));
  return wrong;
}

/** The Monitor is gone while somebody walks through the screens: what was known stays, and says of when it is. */
async function goStale(rig: Rig, house: House): Promise<string[]> {
  const faces = await openFaces(rig, house.cortex);
  const face = await faces.face({ theme: "light", width: 1366 });
  const wall = await faces.face({ theme: "dark", width: 1920, height: 1080 });
  const wrong: string[] = [];
  await face.open("/");
  await wall.open("/wall");
  for (const { page } of [face, wall]) await sees(page, house.node.name);
  // The other screens are fetched while nothing else is to do.
  await face.page.waitForLoadState("networkidle");
  await house.cortex.kill();
  await sees(face.page, /^Stale 00:1/, 40_000);
  await sees(wall.page, /has not answered since/);
  wrong.push(...(await judge(wall, "wall-stale")));
  const walk = ["Problems", "Timeline", "Checks", "Plugins", "Settings", "Fleet"];
  for (const name of walk) {
    await face.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).first().click();
    // A screen that has nothing to show says only that; what was known says of when it is.
    await sees(face.page, /has not answered since|could not be (loaded|shown)/);
    await face.page.waitForTimeout(400);
    const [old, nothing] = await Promise.all(
      [/has not answered since/, /could not be (loaded|shown)/].map((words) =>
        face.page.getByText(words).count(),
      ),
    );
    if ((old ?? 0) > 0 && (nothing ?? 0) > 0)
      wrong.push(`${name.toLowerCase()}-stale says both that it is old and that there is nothing`);
    wrong.push(...(await judge(face, `${name.toLowerCase()}-stale`)));
  }
  await sees(face.page, house.node.name);
  await face.page.getByRole("link", { name: house.node.name }).first().click();
  await face.page.getByRole("main").getByRole("heading", { name: house.node.name }).waitFor();
  wrong.push(...(await judge(face, "node-stale")));
  rig.say(`stale: ${walk.length + 2} screens, ${wrong.length} findings`);
  return wrong;
}

const scenario: Scenario = {
  name: "states",
  quick: false,
  timeoutMs: 900_000,
  async run(rig) {
    const house = await furnish(rig);
    const wrong = await lookAt(rig, house);
    ensureEqual(wrong, [], "what is wrong with the states");
    return `${SCREENS.length} screens loading, empty and in error, 8 stale: each says so, axe and console silent`;
  },
};
export default scenario;
