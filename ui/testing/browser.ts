/** Chromium as the dashboard's tests start it. */
import { chromium, type Browser, type Page } from "playwright-core";

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

export interface OpenOptions {
  width?: number;
  height?: number;
  theme?: "dark" | "light";
  language?: string;
}

/** A fresh profile with one page; `faults` collects console errors, exceptions and violations of the policy. */
export async function openPage(
  browser: Browser,
  options: OpenOptions = {},
): Promise<{ page: Page; faults: string[]; close: () => Promise<void> }> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1366, height: options.height ?? 820 },
    colorScheme: options.theme ?? "dark",
    locale: options.language ?? "en-GB",
    timezoneId: "Europe/Amsterdam",
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`exception: ${error.message}`));
  page.on("console", (message) => {
    // The browser reports every refused answer by itself; the dashboard's own handling of it is what is tested.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      faults.push(`console: ${message.text()}`);
  });
  return { page, faults, close: () => context.close() };
}

/** Pixels by which the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
