/** An open page that nobody touches: it says that it will log out, does so, says why, and leads back. */
import type { BrowserContext, Page } from "playwright-core";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { ADMIN, axeFindings, FACE_CONFIG, openFaces, sees } from "./browser.ts";
import { itemsOf } from "./house.ts";

const IDLE_MS = 30_000;
/** What a page asks within this after a person's act counts as the person's. */
const BY_A_PERSON_MS = 10_000;
const NOTICE = /^You will be logged out in 00:\d\d$/;
const WHY = /nobody used the dashboard for a while/;

async function house(rig: Rig) {
  const cortex = await rig.cortex({
    config: {
      ...FACE_CONFIG,
      server: { ...FACE_CONFIG.server, session_idle: `${IDLE_MS / 1000}s` },
      link: { report: "1s", heartbeat: "1s" },
    },
  });
  const faces = await openFaces(rig, cortex);
  const face = await faces.face();
  const [node] = await itemsOf<{ id: string; name: string }>(cortex, "nodes");
  return { cortex, faces, face, node: node! };
}

const isAtLogin = (page: Page, timeoutMs: number): Promise<boolean> =>
  page.waitForURL(/\/login/, { timeout: timeoutMs }).then(
    () => true,
    () => false,
  );

async function logIn(page: Page): Promise<void> {
  await page.getByLabel("Name").fill(ADMIN.name);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Log in" }).click();
}

const pathOf = (page: Page): string => page.url().replace(/^https?:\/\/[^/]+/, "");

/** The charts of a node are asked for anew as it reports, all by the page itself. */
async function leaveAlone(rig: Rig, prepare: (context: BrowserContext) => Promise<unknown>): Promise<string> {
  const { cortex, faces, face, node } = await house(rig);
  const { page, context } = face;
  await prepare(context);
  const charts = `/nodes/${node.id}?range=6h`;
  await face.open(charts);
  const other = await context.newPage();
  await other.goto(`${cortex.url}/problems?state=resolved`);
  await sees(other, "No resolved problems");

  const isSaid = await sees(page, NOTICE, BY_A_PERSON_MS + IDLE_MS).then(
    () => true,
    () => false,
  );
  ensure(isSaid, "a page that nobody touched does not say that it will log out");
  await sees(other, NOTICE);
  await other.getByRole("button", { name: "Stay logged in" }).click();
  const stayed = now();
  await page.getByRole("button", { name: "Stay logged in" }).waitFor({ state: "detached", timeout: 3000 });

  // The second time nobody has to be quick: it is looked at while it runs out.
  await sees(page, NOTICE, BY_A_PERSON_MS + IDLE_MS);
  ensureEqual(await axeFindings(page), [], "what axe finds beside the notice");
  await face.shot("session-notice");

  const late = BY_A_PERSON_MS + IDLE_MS + 6000;
  ensure(await isAtLogin(page, late), `a page that nobody touched was still open after ${inTime(late)}`);
  const lived = now() - stayed;
  ensure(lived > IDLE_MS - 1000, `logged out ${inTime(lived)} after somebody stayed`);
  await sees(page, WHY);
  ensure(await isAtLogin(other, 5000), "the other page still stands there");
  await sees(other, WHY);
  await face.shot("session-over");

  await logIn(page);
  await sees(page, node.name);
  ensureEqual(pathOf(page), charts, "where the login leads back to");
  await sees(other, "No resolved problems");
  ensureEqual(pathOf(other), "/problems?state=resolved", "where the other page goes back to by itself");

  const [session] = (await itemsOf<{ id: string; user: string }>(cortex, "sessions")).filter(
    ({ user }) => user === ADMIN.name,
  );
  await cortex.api("DELETE", `sessions/${session!.id}`);
  await sees(page, "Your session has ended.", 5000);
  ensureEqual(await face.faults(), [], "complaints of the page");

  const stranger = await faces.stranger();
  await stranger.page.goto(`${cortex.url}/problems?state=resolved`);
  await stranger.page.getByLabel("Name").waitFor();
  ensureEqual(
    await stranger.page.getByText(/session|logged out/i).count(),
    0,
    "words about a session that never was",
  );
  await logIn(stranger.page);
  await sees(stranger.page, "No resolved problems");
  ensureEqual(pathOf(stranger.page), "/problems?state=resolved", "where the first login leads to");
  return `noticed on two pages, put off from one; untouched, both were at the login ${inTime(lived)} later (idle ${inTime(IDLE_MS)}) and said why; one login led both back; a first visit hears of no session`;
}

/** What can't be put off is said, too, and logging in again is one press and one form away from the same address. */
async function longestTime(rig: Rig): Promise<void> {
  const cortex = await rig.cortex({
    config: { ...FACE_CONFIG, server: { ...FACE_CONFIG.server, session_idle: "45s", session_max: "45s" } },
  });
  const { page, ...face } = await (await openFaces(rig, cortex)).face();
  await face.open("/problems?state=resolved");
  await sees(page, /^Your session reaches its longest time in 00:\d\d$/, 40_000);
  await page.getByRole("button", { name: "Log in again now" }).click();
  ensure(await isAtLogin(page, 5000), "who wants to log in again is not asked to");
  await logIn(page);
  await sees(page, "No resolved problems");
  ensureEqual(pathOf(page), "/problems?state=resolved", "where logging in again leads to");
}

const scenario: Scenario = {
  name: "session-idle",
  quick: true,
  timeoutMs: 240_000,
  threats: ["T60"],
  async run(rig) {
    const figure = await leaveAlone(rig, async () => undefined);
    await longestTime(rig);
    return `${figure}; the longest time is said before it comes`;
  },
  /** What the page asks by itself counts as use: then a page that nobody looks at is never logged out. */
  control: (rig) =>
    leaveAlone(rig, (context) =>
      context.route(/\/api\/v1\/nodes\//, async (route) => {
        const headers = { ...route.request().headers() };
        delete headers["cortex-unattended"];
        await route.continue({ headers });
      }),
    ),
};
export default scenario;
