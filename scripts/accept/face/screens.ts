import type { Page } from "playwright-core";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import type { Scenario } from "../scenario.ts";
import {
  ADMIN,
  axeFindings,
  type Face,
  openFaces,
  overflowAt,
  sees,
  settled,
  setupToken,
  type View,
} from "./browser.ts";
import { furnish, type House } from "./house.ts";

interface Screen {
  name: string;
  path: (house: House) => string;
  /** What is there once it is drawn. */
  shows: string | RegExp | ((house: House) => string);
  act?: (page: Page) => Promise<void>;
}

const node = (tab: string) => (house: House) => `/nodes/${house.node.id}${tab === "" ? "" : `?tab=${tab}`}`;

const SCREENS: Screen[] = [
  { name: "fleet", path: () => "/", shows: (house) => house.node.name },
  { name: "node", path: node(""), shows: "Disk space" },
  { name: "node-24h", path: (house) => `/nodes/${house.node.id}?range=24h`, shows: "Disk space" },
  {
    name: "node-table",
    path: node(""),
    shows: "Disk space",
    act: (page) => page.getByRole("button", { name: "CPU as a table" }).click(),
  },
  { name: "node-checks", path: node("checks"), shows: "Run all checks" },
  { name: "node-problems", path: node("problems"), shows: (house) => house.problem.summary },
  { name: "node-repairs", path: node("repairs"), shows: "What it can repair" },
  { name: "node-evidence", path: node("evidence"), shows: (house) => house.problem.summary },
  { name: "node-reports", path: node("reports"), shows: "Runs of checks" },
  { name: "node-config", path: node("config"), shows: "Effective configuration" },
  { name: "decisions", path: () => "/decisions", shows: "Nothing waits for you" },
  { name: "decisions-answered", path: () => "/decisions?state=answered", shows: "Nothing was decided yet" },
  { name: "problems", path: () => "/problems", shows: (house) => house.open.summary },
  {
    name: "problems-resolved",
    path: () => "/problems?state=resolved",
    shows: (house) => house.problem.summary,
  },
  { name: "problem", path: (house) => `/?problem=${house.open.id}`, shows: "Nothing was tried yet." },
  {
    name: "problem-repaired",
    path: (house) => `/problems/${house.problem.id}`,
    shows: "frozen before a repair acted",
  },
  { name: "intent", path: (house) => `/intents/${house.intent.id}`, shows: "Steps" },
  { name: "timeline", path: () => "/timeline", shows: "Kernel update rolled out" },
  { name: "checks", path: () => "/checks", shows: "restic_age" },
  {
    name: "check",
    path: () => "/checks",
    shows: "restic_age",
    act: async (page) => {
      await page.getByRole("link", { name: "restic_age" }).click();
      await sees(page, "Last runs");
    },
  },
  {
    name: "fleet-view",
    path: () => "/?layout=cards&group=label:site",
    shows: "ams",
    act: async (page) => {
      await page.getByRole("button", { name: "View" }).click();
      await sees(page, "Keep as my view");
    },
  },
  { name: "timeline-filtered", path: () => "/timeline?kind=note", shows: "Kernel update rolled out" },
  { name: "plugins", path: () => "/plugins", shows: "restic" },
  { name: "settings", path: () => "/settings", shows: "Appearance" },
  { name: "profile", path: () => "/profile", shows: "Second factors and passkeys" },
  { name: "settings-nodes", path: () => "/settings/nodes", shows: /web-1|Add a node/ },
  { name: "settings-general", path: () => "/settings/general", shows: "Only observe" },
  { name: "settings-people", path: () => "/settings/people", shows: "anna" },
  {
    name: "settings-person",
    path: () => "/settings/people",
    shows: "anna",
    act: async (page) => {
      await page.getByRole("button", { name: "Add a person" }).click();
      await page.keyboard.type("bo");
      await page.keyboard.press("Enter");
      await sees(page, "At least 15 characters.");
    },
  },
  {
    name: "settings-key",
    path: () => "/settings/keys",
    shows: "API keys",
    act: async (page) => {
      await page.getByRole("button", { name: "Create a key" }).first().click();
      await page.keyboard.type("grafana");
      await page.keyboard.press("Enter");
      await seesSecret(page);
    },
  },
  { name: "settings-keys", path: () => "/settings/keys", shows: "grafana" },
  {
    name: "settings-key-rotated",
    path: () => "/settings/keys",
    shows: "grafana",
    act: async (page) => {
      await page.getByRole("button", { name: "Rotate the key grafana?" }).first().click();
      await page.getByRole("dialog").getByRole("button", { name: "Rotate", exact: true }).click();
      await seesSecret(page);
    },
  },
  { name: "settings-policy", path: () => "/settings/policy", shows: "No rule yet" },
  {
    name: "settings-policy-edit",
    path: () => "/settings/policy",
    shows: "No rule yet",
    act: async (page) => {
      await page.getByRole("button", { name: "Write the first rule" }).click();
      await sees(page, "1 rule, no mistakes");
      await page.getByRole("textbox", { name: "Policy as YAML" }).fill("version: 1\nrules: none\n");
      await sees(page, "Line 2");
      // The browser would ask before it leaves with a text that is not saved.
      page.once("dialog", (dialog) => void dialog.accept());
    },
  },
  {
    name: "settings-policy-history",
    path: () => "/settings/policy?view=history",
    shows: "No version was saved yet",
  },
  { name: "settings-sessions", path: () => "/settings/sessions", shows: "this one" },
  { name: "settings-audit", path: () => "/settings/audit", shows: "Created an API key" },
  {
    name: "settings-audit-entry",
    path: () => "/settings/audit?kind=key",
    shows: "Created an API key",
    act: async (page) => {
      await page.getByText("Created an API key").first().click();
      await sees(page, "As JSON");
    },
  },
  { name: "settings-api", path: () => "/settings/api", shows: "Base address" },
  { name: "settings-retention", path: () => "/settings/retention", shows: "Resolved problems" },
  { name: "settings-appearance", path: () => "/settings/appearance", shows: "Kept in this browser only." },
  { name: "settings-about", path: () => "/settings/about", shows: "solid-js" },
  { name: "not-found", path: () => "/nowhere", shows: "Nothing here" },
  {
    name: "palette",
    path: () => "/",
    shows: (house) => house.node.name,
    act: async (page) => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type("web");
      await page.getByRole("option", { selected: true }).waitFor();
    },
  },
  {
    name: "shortcuts",
    path: () => "/",
    shows: (house) => house.node.name,
    act: async (page) => {
      await page.keyboard.press("?");
      await sees(page, "Keyboard shortcuts");
    },
  },
  {
    name: "switch",
    path: () => "/",
    shows: (house) => house.node.name,
    act: async (page) => {
      await page.getByRole("button", { name: "Repairs on" }).click();
      await page.getByRole("button", { name: "Switch repairs off" }).click();
      await sees(page, "Say why");
    },
  },
  {
    name: "account",
    path: () => "/",
    shows: (house) => house.node.name,
    act: async (page) => {
      await page.getByRole("button", { name: "Account and appearance" }).click();
      await sees(page, "Log out");
    },
  },
  { name: "welcome", path: () => "/welcome", shows: "What may Cortex do by itself?" },
  { name: "welcome-host", path: () => "/welcome?step=2", shows: "Open the fleet" },
];

const VIEWS: View[] = [
  { theme: "dark", width: 1366 },
  { theme: "light", width: 390 },
  { theme: "light", width: 1366 },
  { theme: "dark", width: 390 },
];

/** One screen in one form: drawn, photographed, without a finding. Answers with what is wrong. */
async function judge(face: Face, screen: string, view: View): Promise<string[]> {
  const name = `${screen}-${view.theme}-${view.width}`;
  // Lists and charts settle, and what slides in has arrived.
  await face.page.waitForTimeout(250);
  await face.shot(name);
  const wrong = [...(await face.faults()), ...(await axeFindings(face.page))];
  const wide = await overflowAt(face.page, 320);
  if (wide > 0) wrong.push(`${wide} px too wide at 320`);
  return wrong.map((line) => `${name}: ${line}`);
}

/** In the quick tier each screen is looked at in one of two forms; those of the settings build on each other. */
const halfOf = (place: number): Screen[] =>
  SCREENS.filter(({ name }, index) => (name.startsWith("settings-") ? place === 0 : index % 2 === place));

async function lookAtAll(rig: Rig, house: House): Promise<{ count: number; wrong: string[] }> {
  const faces = await openFaces(rig, house.cortex);
  const wrong: string[] = [];
  let count = 0;
  for (const [place, view] of (rig.quick ? VIEWS.slice(0, 2) : VIEWS).entries()) {
    const face = await faces.face(view);
    for (const screen of rig.quick ? halfOf(place) : SCREENS) {
      await face.open(screen.path(house));
      const shows = typeof screen.shows === "function" ? screen.shows(house) : screen.shows;
      await sees(face.page, shows, 15_000);
      await screen.act?.(face.page);
      wrong.push(...(await judge(face, screen.name, view)));
      count += 1;
    }
    await face.close();
    const stranger = await faces.stranger(view);
    await stranger.open("/problems?state=resolved");
    await sees(stranger.page, "Log in to Cortex");
    wrong.push(...(await judge(stranger, "login", view)));
    await stranger.page.getByLabel("Name").fill(ADMIN.name);
    await stranger.page.getByLabel("Password").fill("wrong");
    await stranger.page.keyboard.press("Enter");
    await stranger.page.getByRole("alert").filter({ hasText: "wrong" }).waitFor();
    wrong.push(...(await judge(stranger, "login-refused", view)));
    count += 2;
    await stranger.close();
    rig.say(`${view.theme} ${view.width}: ${count} looked at, ${wrong.length} findings`);
  }
  return { count, wrong };
}

/** The secret of a new key. Who logged in a while ago is asked for the password first. */
async function seesSecret(page: Page): Promise<void> {
  const password = page.getByRole("dialog").getByLabel("Password", { exact: true });
  await page.getByText("Copy it now.").or(password).first().waitFor();
  if (await password.isVisible()) {
    await password.fill(ADMIN.password);
    await page.keyboard.press("Enter");
  }
  await sees(page, "Copy it now.");
}

/** The form of the first admin, on a Cortex that nobody has set up. */
async function setUp(rig: Rig): Promise<string[]> {
  const cortex = await rig.cortex();
  const faces = await openFaces(rig, cortex);
  const wrong: string[] = [];
  for (const view of rig.quick ? VIEWS.slice(0, 2) : VIEWS) {
    const face = await faces.stranger(view);
    const token = await setupToken(cortex);
    await face.open(`/setup#${token}`);
    await settled(face.page);
    await face.page.getByLabel("Password", { exact: true }).fill("short");
    await face.page.getByRole("button", { name: "Create" }).click();
    await sees(face.page, "At least 15 characters.");
    ensure(!face.page.url().includes(token), "the setup token stays in the address");
    wrong.push(...(await judge(face, "setup", view)));
    await face.close();
  }
  return wrong;
}

const scenario: Scenario = {
  name: "screens",
  quick: false,
  timeoutMs: 900_000,
  async run(rig) {
    const house = await furnish(rig);
    const { count, wrong } = await lookAtAll(rig, house);
    wrong.push(...(await setUp(rig)));
    ensureEqual(wrong, [], "what is wrong with the screens");
    return `${count + (rig.quick ? 2 : 4)} pictures in tmp/face-shots; axe, console and policy silent, none too wide at 320`;
  },
};
export default scenario;
