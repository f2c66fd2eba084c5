/** What is done with the keyboard alone. */
import { expect, has, type Stage } from "./stage.ts";

export async function keyboardSwitch({ page, api }: Stage): Promise<void> {
  await page.goto(api.url);
  await page.getByText("web-1.ams").first().waitFor();
  const button = page.getByRole("button", { name: "Repairs on" });
  await button.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Enter");
  expect("the switch wants a reason", await has(page, "Say why, in a few words."));
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const back = await page.evaluate(() => document.activeElement?.textContent);
  expect("Escape closes the dialog and gives the focus back", back?.includes("Repairs on") === true, back);
  await page.keyboard.press("Enter");
  await page.keyboard.type("moving the rack");
  await page.keyboard.press("Enter");
  expect("repairs off is shown across the page", await has(page, /Repairs are switched off/));
  expect(
    "the reason reached the server",
    api.lastSwitch?.reason === "moving the rack",
    api.lastSwitch?.reason,
  );
}

export async function panel({ page, api }: Stage): Promise<void> {
  await page.goto(`${api.url}/?state=degraded`);
  const link = page.getByRole("link", { name: /restic-nightly did not finish/ }).first();
  await link.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByText("2 of 3 used, 1 left").waitFor();
  expect(
    "the panel is part of the address, the filter stays",
    /\?state=degraded&problem=/.test(page.url()),
    page.url(),
  );
  await page.getByRole("button", { name: "Show" }).click();
  expect("evidence is read from the node", await has(page, /bind\(\) to/));
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect("Escape goes back to the list", page.url().endsWith("/?state=degraded"), page.url());
  const focus = await page.evaluate(() => document.activeElement?.textContent ?? "");
  expect("the focus is back on the row", focus.includes("restic-nightly"), focus);
  await page.goto(`${api.url}/intents/${api.fleet.intents[1]!.id}`);
  expect("a link from an alert opens the panel over its list", await has(page, "exit code 12", 5000));
}

export async function shortcuts({ page, api }: Stage): Promise<void> {
  await page.goto(api.url);
  await page.getByText("web-1.ams").first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("db-1 stateful");
  await page.waitForURL(/q=db-1\+stateful/, { timeout: 2000 }).catch(() => {});
  expect("the filter is part of the address", /q=db-1\+stateful/.test(page.url()), page.url());
  expect("the filter filters", (await page.locator("tbody tr").count()) === 1);
  await page.keyboard.press("Escape");
  await page.locator("body").press("Tab");
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.waitForURL("**/problems");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  expect("g p j j Enter opens the second problem", await has(page, "Vacuum the journal"));
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  expect("? lists the keys", await has(page, "Keyboard shortcuts"));
  await page.getByLabel("Single-key shortcuts").uncheck();
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("f");
  expect("single keys can be switched off", page.url().endsWith("/problems"), page.url());
}
