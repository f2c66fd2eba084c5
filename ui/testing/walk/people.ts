/** Somebody new, somebody who comes back, and how they like it to look. */
import { PASSWORD, SETUP_TOKEN } from "../fake-api.ts";
import { expect, has, type Stage } from "./stage.ts";

export async function onboarding({ page, api }: Stage): Promise<void> {
  await page.goto(`${api.url}/setup#${SETUP_TOKEN}`);
  await page.getByLabel("Name").waitFor();
  expect("the setup token leaves the address", !page.url().includes(SETUP_TOKEN), page.url());
  await page.keyboard.press("Tab");
  await page.keyboard.type("short");
  await page.keyboard.press("Enter");
  expect(
    "a short password is refused before the server is asked",
    await has(page, "At least 15 characters."),
  );
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("autocomplete"));
  expect("the focus is on the field to correct", (await focused()) === "new-password", await focused());
  await page.keyboard.press("Control+a");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  expect("the first admin is asked what Cortex may do", await has(page, "What may Cortex do by itself?"));
  await page.getByLabel("Only observe").focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  expect("then sees this host live", await has(page, "is live"));
  expect("what was chosen holds", api.settings.autonomy === "observe", api.settings.autonomy);
  await page.keyboard.press("Enter");
  expect("and the fleet", await has(page, "Needs you"));
}

export async function login({ page, api }: Stage): Promise<void> {
  await page.goto(`${api.url}/problems?state=resolved`);
  await page.getByLabel("Name").waitFor();
  await page.keyboard.type("anna");
  await page.keyboard.press("Tab");
  await page.keyboard.type("wrong");
  await page.keyboard.press("Enter");
  expect("a wrong password says so", await has(page, "Name or password is wrong."));
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Resolved" }).waitFor();
  expect(
    "login returns to where one wanted to go",
    page.url().endsWith("/problems?state=resolved"),
    page.url(),
  );
  api.user = null;
  api.dropSockets();
  await page.getByLabel("Password").waitFor({ timeout: 10_000 });
  expect(
    "an ended session leads to the login with a way back",
    page.url().includes("to=%2Fproblems"),
    page.url(),
  );
  await page.goto(`${api.url}/login?to=//evil.example`);
  await page.getByLabel("Name").fill("anna");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByText("Needs you").waitFor();
  expect("a foreign return address is ignored", page.url() === `${api.url}/`, page.url());
}

export async function appearance({ page, api }: Stage): Promise<void> {
  await page.goto(api.url);
  await page.getByRole("button", { name: "Account and appearance" }).click();
  await page.getByText("Light", { exact: true }).click();
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await background();
  await page.getByText("Dark", { exact: true }).click();
  expect("the theme changes at once", light !== (await background()), light);
  await page.getByText("中文", { exact: true }).click();
  expect("the language changes at once", await has(page, "需要你处理"));
  await page.reload();
  expect("both are remembered", await has(page, "需要你处理"));
  expect("the page names its language", (await page.getAttribute("html", "lang")) === "zh-Hans");
}
