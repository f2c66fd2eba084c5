import type { Page } from "playwright-core";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Scenario } from "../scenario.ts";
import { ADMIN, openFaces, sees, setupToken } from "./browser.ts";
import { furnish } from "./house.ts";

const WEAK = "Password1234567";

const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};

const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement: at } = document;
    return at?.getAttribute("aria-label") ?? at?.textContent?.trim() ?? "";
  });

/** Tab until the focus is on what reads like this. */
async function tabTo(page: Page, wanted: RegExp, most = 60): Promise<void> {
  for (let turn = 0; turn < most; turn += 1) {
    if (wanted.test(await focused(page))) return;
    await press(page, "Tab");
  }
  ensure(false, `${most} times Tab did not lead to ${wanted}; the focus is on "${await focused(page)}"`);
}

/** A person who never touches the mouse: the first admin, a node, a problem, a check, the ledger. */
/** Pressed within one task: the second key comes before the browser has told anybody what the first one did. */
const atOnce = (page: Page, ...keys: { key: string; ctrlKey?: boolean }[]) =>
  page.evaluate((wanted) => {
    for (const init of wanted)
      document.activeElement!.dispatchEvent(
        new KeyboardEvent("keydown", { ...init, bubbles: true, cancelable: true }),
      );
  }, keys);

/** Dialogs and sheets end with Escape, and come again when the next key asks for them, however soon it does. */
async function dialogs(page: Page, url: string): Promise<void> {
  await press(page, "?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await help.waitFor();
  const checkbox = await help.getByRole("checkbox").elementHandle();
  await atOnce(page, { key: "Escape" }, { key: "?" });
  await help.waitFor();
  ensure(!(await checkbox!.evaluate((old) => old.isConnected)), "Escape did not close the dialog");
  await press(page, "Escape");
  await help.waitFor({ state: "detached" });

  // Opened by the address, so that nobody has pressed anything: the browser then closes it without asking.
  await page.goto(url);
  const sheet = page.getByRole("dialog", { name: "Problem" });
  await sheet.waitFor();
  await press(page, "Escape");
  await sheet.waitFor({ state: "detached" });
  await page.waitForURL((now) => !now.search.includes("problem="));
  const row = page.getByRole("main").locator('a[href*="problem="]').first();
  await row.focus();
  await press(page, "Enter");
  await sheet.waitFor();
  await press(page, "Escape", "Enter");
  await sheet.waitFor();
  await press(page, "Escape");
  await sheet.waitFor({ state: "detached" });
}

/** What a mark means is read without a pointer, and Escape takes it away. */
async function tips(page: Page): Promise<void> {
  const tip = page.locator('[popover="manual"]:not(:has([role="status"]))');
  await page.getByRole("button", { name: "Search" }).focus();
  await press(page, "Tab");
  await tip.filter({ hasText: "Changes arrive as they happen." }).waitFor();
  await press(page, "Tab");
  await tip.filter({ hasText: "Safe repairs run by themselves" }).waitFor();
  await press(page, "Escape");
  await tip.waitFor({ state: "hidden" });
}

/** What was asked for in a sheet is answered over it: seen, not dimmed, and not inert, so that screen readers tell it. */
async function messages(page: Page): Promise<void> {
  await tabTo(page, /^Run the check again$/);
  await press(page, "Enter");
  const told = page.getByRole("dialog").getByRole("status").getByText("was asked to run");
  await told.waitFor();
  const isOnTop = await told.evaluate((message) => {
    const { left, top, width, height } = message.getBoundingClientRect();
    return document.elementFromPoint(left + width - 4, top + height / 2) === message;
  });
  ensure(isOnTop, "the message lies behind the sheet");
}

const scenario: Scenario = {
  name: "keyboard-only",
  quick: true,
  timeoutMs: 180_000,
  async run(rig) {
    const { cortex, node, open, problem, intent } = await furnish(rig);
    const faces = await openFaces(rig, cortex);
    const { page, faults, ...face } = await faces.stranger();

    await page.goto(`${cortex.url}/setup#${await setupToken(cortex)}`);
    await page.getByLabel("Name").waitFor();
    await press(page, "Control+a");
    await page.keyboard.type(ADMIN.name);
    await press(page, "Tab");
    for (const password of [WEAK, ADMIN.password]) {
      await press(page, "Control+a");
      await page.keyboard.type(password);
      await press(page, "Tab", "Control+a");
      await page.keyboard.type(password);
      await press(page, "Enter");
      if (password !== WEAK) continue;
      // The rule that it breaks, and the focus is where it is mended.
      await sees(page, "This is mostly one common word.");
      const described = await page.evaluate(() => {
        const by = document.activeElement?.getAttribute("aria-describedby") ?? "";
        return document.getElementById(by)?.textContent ?? "";
      });
      ensure(
        /one common word/.test(described),
        `the focus is on a field about which is said: "${described}"`,
      );
    }
    await sees(page, "What may Cortex do by itself?");
    await tabTo(page, /^Continue$/);
    await press(page, "Enter");
    await sees(page, `${node.name} is live`);
    await press(page, "Enter");
    await sees(page, "Needs you");

    await page.getByRole("button", { name: "Account and appearance" }).focus();
    await press(page, "Enter");
    await tabTo(page, /^Log out$/);
    await press(page, "Enter");
    await sees(page, "Log in to Cortex");
    await page.keyboard.type(ADMIN.name);
    await press(page, "Tab");
    await page.keyboard.type(ADMIN.password);
    await press(page, "Enter");
    await sees(page, "Needs you");

    await page.getByRole("button", { name: "Account and appearance" }).focus();
    await press(page, "Control+k");
    await page.getByRole("combobox").waitFor();
    await press(page, "Tab", "Shift+Tab", "Shift+Tab");
    ensure(
      await page.evaluate(() => document.activeElement?.role === "combobox"),
      `the focus left the palette for "${await focused(page)}"`,
    );
    await page.getByRole("combobox").focus();
    await atOnce(page, { key: "Escape" }, { key: "k", ctrlKey: true });
    await page.getByRole("combobox").waitFor();
    await press(page, "Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    ensureEqual(await focused(page), "Account and appearance", "focus after the palette");

    await press(page, "Control+k");
    await page.keyboard.type(node.name.slice(0, 5));
    await page.getByRole("option", { selected: true }).filter({ hasText: node.name }).waitFor();
    await press(page, "Enter");
    await page.getByRole("main").getByRole("heading", { name: node.name }).waitFor();

    const chart = page.getByRole("img", { name: /^CPU/ });
    await chart.focus();
    await press(page, "ArrowLeft", "ArrowLeft");
    await page
      .locator('[aria-live="polite"]')
      .filter({ hasText: /busy \d/ })
      .first()
      .waitFor({ state: "attached" });
    await press(page, "Escape");

    await press(page, "Control+k");
    await page.keyboard.type("backup old");
    await page
      .getByRole("option", { selected: true })
      .filter({ hasText: open.summary.slice(0, 30) })
      .waitFor();
    await press(page, "Enter");
    await page.getByRole("dialog").getByText("Nothing was tried yet.").waitFor();
    await messages(page);
    await press(page, "Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });

    // By the name of what it is about: neither the summary of the problem nor that of the check holds all of it.
    await press(page, "Control+k");
    await page.keyboard.type(problem.target);
    for (const { summary } of [problem, intent])
      await page
        .getByRole("option")
        .filter({ hasText: summary.slice(0, 30) })
        .first()
        .waitFor();
    await press(page, "Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });

    await press(page, "Control+k");
    await page.keyboard.type("run mem_av");
    await page.getByRole("option", { selected: true }).filter({ hasText: "mem_available" }).waitFor();
    await press(page, "Enter");
    await sees(page, "mem_available was asked to run");

    await press(page, "g", "t");
    await page.waitForURL("**/timeline");
    await tabTo(page, /^Verify the ledger$/);
    await press(page, "Enter");
    await sees(page, /entries, every chain holds/);

    await press(page, "g", "f");
    await sees(page, "Needs you");
    await press(page, "j", "Enter");
    await page.getByRole("dialog").waitFor();
    await press(page, "Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await tips(page);
    await dialogs(page, `${cortex.url}/?problem=${open.id}`);
    ensureEqual(await faults(), [], "complaints of the page");
    await face.close();
    return "first admin, log out and in, node by palette, chart by arrows, problem, run a check, verify the chain: no mouse";
  },
};
export default scenario;
