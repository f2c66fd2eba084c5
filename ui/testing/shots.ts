/** Pictures of every screen and state: `bun ui/testing/shots.ts [FOLDER] [NAME-PART]` over the built dashboard. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { launch, openPage, overflow, type OpenOptions } from "./browser.ts";
import { SETUP_TOKEN, startFakeApi, type FakeApi } from "./fake-api.ts";
import { calmFleet, emptyFleet, fleetAt } from "./fixtures.ts";

interface Shot {
  name: string;
  path: string | ((api: FakeApi) => string);
  prepare?: (api: FakeApi) => void;
  act?: (page: Page, api: FakeApi) => Promise<void>;
  options?: OpenOptions;
  whole?: boolean;
}

const anonymous = (api: FakeApi) => {
  api.user = null;
  api.setupOpen = true;
};

const SHOTS: Shot[] = [
  { name: "fleet", path: "/", whole: true },
  { name: "fleet-calm", path: "/", prepare: (api) => void (api.fleet = calmFleet(Date.now())) },
  { name: "fleet-empty", path: "/", prepare: (api) => void (api.fleet = emptyFleet()) },
  { name: "fleet-loading", path: "/", prepare: (api) => void (api.slow = true) },
  { name: "fleet-filter", path: "/?state=degraded" },
  {
    name: "fleet-off",
    path: "/",
    prepare: (api) =>
      void (api.settings = {
        ...api.settings,
        repairs: false,
        switch: "mixed",
        nodesOff: [{ node: "n", nodeName: "queue-1.ams" }],
      }),
  },
  {
    name: "fleet-stale",
    path: "/",
    act: async (page, api) => {
      await page.getByText("web-1.ams").first().waitFor();
      api.broken = true;
      api.dropSockets();
      await page.getByText(/Stale/).first().waitFor({ timeout: 30_000 });
    },
  },
  {
    name: "switch",
    path: "/",
    act: async (page) => {
      await page.getByRole("button", { name: "Repairs on" }).click();
      await page.getByRole("button", { name: "Switch repairs off" }).click();
    },
  },
  {
    name: "account",
    path: "/",
    act: (page) => page.getByRole("button", { name: "Account and appearance" }).click(),
  },
  { name: "problem", path: (api) => `/?problem=${api.fleet.problems[3]!.id}` },
  { name: "problem-l2", path: (api) => `/problems/${api.fleet.problems[1]!.id}` },
  { name: "intent", path: (api) => `/?intent=${api.fleet.intents[0]!.id}` },
  { name: "intent-proposal", path: (api) => `/intents/${api.fleet.intents[2]!.id}` },
  { name: "intent-missing", path: "/timeline?intent=none" },
  { name: "problems", path: "/problems" },
  { name: "timeline", path: "/timeline" },
  { name: "node", path: (api) => `/nodes/${api.fleet.nodes[3]!.id}` },
  { name: "checks", path: "/checks" },
  { name: "plugins", path: "/plugins" },
  { name: "settings", path: "/settings" },
  { name: "not-found", path: "/nowhere" },
  { name: "login", path: "/login", prepare: anonymous },
  {
    name: "login-error",
    path: "/problems",
    prepare: anonymous,
    act: async (page) => {
      await page.getByLabel("Name").fill("anna");
      await page.getByLabel("Password").fill("wrong");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").filter({ hasText: "wrong" }).waitFor();
    },
  },
  {
    name: "setup",
    path: `/setup#${SETUP_TOKEN}`,
    prepare: anonymous,
    act: async (page) => {
      await page.getByLabel("Password", { exact: true }).fill("short");
      await page.getByRole("button", { name: "Create" }).click();
    },
  },
  { name: "unreachable", path: "/", prepare: (api) => void (api.broken = true) },
  { name: "fleet-zh", path: "/", options: { language: "zh-CN" } },
];

const FORMS: OpenOptions[] = [
  { theme: "dark", width: 1366, height: 860 },
  { theme: "light", width: 1366, height: 860 },
  { theme: "dark", width: 390, height: 844 },
  { theme: "light", width: 390, height: 844 },
];

const folder = process.argv[2] ?? "/tmp/ui-shots";
const part = process.argv[3] ?? "";
const themes = process.argv[4] ?? "";
mkdirSync(folder, { recursive: true });
const browser = await launch();
for (const shot of SHOTS.filter((one) => one.name.includes(part))) {
  for (const form of FORMS.filter((one) => `${one.theme}-${one.width}`.includes(themes))) {
    const api = startFakeApi({ fleet: fleetAt(Date.now()) });
    shot.prepare?.(api);
    const { page, faults, close } = await openPage(browser, { ...form, ...shot.options });
    await page.goto(api.url + (typeof shot.path === "string" ? shot.path : shot.path(api)));
    await page.waitForTimeout(700);
    await shot.act?.(page, api).catch((error: Error) => faults.push(`act: ${error.message}`));
    await page.waitForTimeout(250);
    const name = `${shot.name}-${form.theme}-${form.width}`;
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: shot.whole === true });
    const wide = await overflow(page);
    if (wide > 0) faults.push(`${wide} px too wide`);
    process.stdout.write(`${name}${faults.length === 0 ? "" : `  ${faults.join("; ")}`}\n`);
    await close();
    await api.stop();
  }
}
await browser.close();
