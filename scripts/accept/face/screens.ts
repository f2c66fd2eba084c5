import type { Page } from "playwright-core";
import { ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import type { Scenario } from "../scenario.ts";
import { ADMIN, type Face, openFaces, sees } from "./browser.ts";
import { furnish, type House } from "./house.ts";
import { judge, type Look, lookAt, looksOf, nameOf, type Screen } from "./looking.ts";
import { setUp } from "./screens-setup.ts";
import { type Wording, wordingIn } from "./wording.ts";

const node = (tab: string) => (house: House) => `/nodes/${house.node.id}${tab === "" ? "" : `?tab=${tab}`}`;

const SCREENS: Screen<House>[] = [
  { name: "fleet", path: () => "/", shows: (house) => house.node.name },
  { name: "node", path: node(""), shows: "Disk space" },
  { name: "node-24h", path: (house) => `/nodes/${house.node.id}?range=24h`, shows: "Disk space" },
  {
    name: "node-table",
    path: node(""),
    shows: "Disk space",
    act: (page, t) => page.getByRole("button", { name: t("CPU as a table") }).click(),
  },
  { name: "node-checks", path: node("checks"), shows: "Run all checks" },
  { name: "node-problems", path: node("problems"), shows: (house) => house.problem.summary },
  { name: "node-repairs", path: node("repairs"), shows: "What it can repair" },
  { name: "node-evidence", path: node("evidence"), shows: (house) => house.problem.summary },
  { name: "node-reports", path: node("reports"), shows: "Check runs" },
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
  { name: "timeline", path: () => "/timeline", shows: () => "Kernel update rolled out" },
  { name: "checks", path: () => "/checks", shows: () => "restic_age" },
  {
    name: "check",
    path: () => "/checks",
    shows: () => "restic_age",
    act: async (page, t) => {
      await page.getByRole("link", { name: "restic_age" }).click();
      await sees(page, t("Last runs"));
    },
  },
  {
    name: "fleet-view",
    path: () => "/?layout=cards&group=label:site",
    shows: () => "ams",
    act: async (page, t) => {
      await page.getByRole("button", { name: t("View") }).click();
      await sees(page, t("Keep as my view"));
    },
  },
  { name: "timeline-filtered", path: () => "/timeline?kind=note", shows: () => "Kernel update rolled out" },
  { name: "plugins", path: () => "/plugins", shows: () => "restic" },
  {
    name: "plugin",
    path: () => "/plugins",
    shows: () => "restic",
    act: async (page, t) => {
      await page.getByRole("link", { name: "restic" }).first().click();
      await sees(page, t("Origin"));
    },
  },
  { name: "settings", path: () => "/settings", shows: "Appearance" },
  { name: "profile", path: () => "/profile", shows: "Second factors and passkeys" },
  { name: "settings-nodes", path: () => "/settings/nodes", shows: /web-1|Add a node/ },
  { name: "settings-general", path: () => "/settings/general", shows: "Only observe" },
  { name: "settings-people", path: () => "/settings/people", shows: () => "anna" },
  {
    name: "settings-person",
    path: () => "/settings/people",
    shows: () => "anna",
    act: async (page, t) => {
      await page.getByRole("button", { name: t("Add a person") }).click();
      await page.keyboard.type("bo");
      await page.keyboard.press("Enter");
      await sees(page, t("At least 15 characters."));
    },
  },
  {
    name: "settings-key",
    path: () => "/settings/keys",
    shows: "API keys",
    act: async (page, t) => {
      await page
        .getByRole("button", { name: t("Create a key") })
        .first()
        .click();
      await page.keyboard.type("grafana");
      await page.keyboard.press("Enter");
      await seesSecret(page, t);
    },
  },
  { name: "settings-keys", path: () => "/settings/keys", shows: () => "grafana" },
  {
    name: "settings-key-rotated",
    path: () => "/settings/keys",
    shows: () => "grafana",
    act: async (page, t) => {
      await page
        .getByRole("button", { name: t("Rotate the key grafana?") })
        .first()
        .click();
      await page
        .getByRole("dialog")
        .getByRole("button", { name: t("Rotate"), exact: true })
        .click();
      await seesSecret(page, t);
    },
  },
  { name: "settings-policy", path: () => "/settings/policy", shows: "No rule yet" },
  {
    name: "settings-policy-edit",
    path: () => "/settings/policy",
    shows: "No rule yet",
    act: async (page, t) => {
      await page.getByRole("button", { name: t("Write the first rule") }).click();
      await sees(page, t("1 rule, no mistakes"));
      await page.getByRole("textbox", { name: t("Policy as YAML") }).fill("version: 1\nrules: none\n");
      await sees(page, t("Line 2"));
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
    act: async (page, t) => {
      await page.getByText(t("Created an API key")).first().click();
      await sees(page, t("As JSON"));
    },
  },
  { name: "settings-api", path: () => "/settings/api", shows: "Base address" },
  { name: "settings-retention", path: () => "/settings/retention", shows: "Resolved problems" },
  { name: "settings-appearance", path: () => "/settings/appearance", shows: "Kept in this browser only." },
  { name: "settings-about", path: () => "/settings/about", shows: () => "solid-js" },
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
    act: async (page, t) => {
      await page.keyboard.press("?");
      await sees(page, t("Keyboard shortcuts"));
    },
  },
  {
    name: "switch",
    path: () => "/",
    shows: (house) => house.node.name,
    act: async (page, t) => {
      await page.getByRole("button", { name: t("Repairs on") }).click();
      await page.getByRole("button", { name: t("Switch repairs off") }).click();
      await sees(page, t("Say why, in a few words."));
    },
  },
  {
    name: "account",
    path: () => "/",
    shows: (house) => house.node.name,
    act: async (page, t) => {
      await page.getByRole("button", { name: t("Account and appearance") }).click();
      await sees(page, t("Log out"));
    },
  },
  { name: "wall", path: () => "/wall", shows: (house) => house.node.name },
  { name: "welcome", path: () => "/welcome", shows: "What may Cortex do by itself?" },
  { name: "welcome-host", path: () => "/welcome?step=2", shows: "Open the fleet" },
];

/** In the quick tier each screen is looked at in one of two forms; those of the settings build on each other. */
const halfOf = (place: number): Screen<House>[] =>
  SCREENS.filter(({ name }, index) => (name.startsWith("settings-") ? place === 0 : index % 2 === place));

async function lookAtAll(rig: Rig, house: House): Promise<{ count: number; wrong: string[] }> {
  const faces = await openFaces(rig, house.cortex);
  const wrong: string[] = [];
  let count = 0;
  for (const [place, look] of looksOf(rig).entries()) {
    const face = await faces.face(look);
    for (const screen of rig.quick ? halfOf(place) : SCREENS) {
      wrong.push(...(await lookAt(face, house, screen, look)));
      count += 1;
    }
    await face.close();
    wrong.push(...(await logIn(await faces.stranger(look), look)));
    count += 2;
    rig.say([`${nameOf(look)}: ${count} looked at, ${wrong.length} findings`, ...wrong].join("\n"));
  }
  return { count, wrong };
}

/** On the screen it is made for: nothing scrolls, whatever there is to show. */
async function lookAtWall(rig: Rig, house: House): Promise<string[]> {
  const faces = await openFaces(rig, house.cortex);
  const wrong: string[] = [];
  for (const theme of ["dark", "light"] as const) {
    const look = { theme, width: 1920, height: 1080, language: "en" } as const;
    const face = await faces.face(look);
    await face.open("/wall");
    await sees(face.page, house.node.name);
    wrong.push(...(await judge(face, "wall", look)));
    const beyond = await face.page.evaluate(() => {
      const { scrollWidth, scrollHeight } = document.documentElement;
      return [scrollWidth - innerWidth, scrollHeight - innerHeight];
    });
    if (beyond.some((px) => px > 0))
      wrong.push(`wall-${theme}-1920: ${beyond.join(" × ")} px beyond the screen`);
    await face.close();
  }
  return wrong;
}

/** The door, before and after a wrong password. */
async function logIn(stranger: Face, look: Look): Promise<string[]> {
  const t = await wordingIn(look.language);
  await stranger.open("/problems?state=resolved");
  await sees(stranger.page, t("Log in to Cortex"));
  const wrong = await judge(stranger, "login", look);
  // Somebody else each time: who fails often is kept waiting.
  await stranger.page.getByLabel(t("Name"), { exact: true }).fill(`nobody-${nameOf(look)}`);
  await stranger.page.getByLabel(t("Password"), { exact: true }).fill("wrong");
  await stranger.page.keyboard.press("Enter");
  await stranger.page
    .getByRole("alert")
    .filter({ hasText: t("Name or password is wrong.") })
    .waitFor();
  wrong.push(...(await judge(stranger, "login-refused", look)));
  await stranger.close();
  return wrong;
}

/** The secret of a new key. Who logged in a while ago is asked for the password first. */
async function seesSecret(page: Page, t: Wording): Promise<void> {
  const password = page.getByRole("dialog").getByLabel(t("Password"), { exact: true });
  await page.getByText(t("Copy it now.")).or(password).first().waitFor();
  if (await password.isVisible()) {
    await password.fill(ADMIN.password);
    await page.keyboard.press("Enter");
  }
  await sees(page, t("Copy it now."));
}

const scenario: Scenario = {
  name: "screens",
  quick: false,
  timeoutMs: 1_200_000,
  async run(rig) {
    const house = await furnish(rig);
    const { count, wrong } = await lookAtAll(rig, house);
    wrong.push(...(await lookAtWall(rig, house)));
    wrong.push(...(await setUp(rig)));
    ensureEqual(wrong, [], "what is wrong with the screens");
    return `${count + 2 + 3 * looksOf(rig).length} pictures in tmp/face-shots; axe, console and policy silent, none too wide at 320`;
  },
};
export default scenario;
