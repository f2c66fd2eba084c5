/** A scene is played in a page of its own, before an API of its own; each statement about it is one line. */
import type { Browser, Page } from "playwright-core";
import { openPage, type OpenOptions } from "../browser.ts";
import { type FakeApi, startFakeApi } from "../fake-api.ts";
import { fleetAt } from "../fixtures.ts";

export interface Stage {
  page: Page;
  api: FakeApi;
}

let failed = 0;
export const failures = (): number => failed;

export function expect(what: string, holds: boolean, detail: unknown = ""): void {
  if (!holds) failed++;
  process.stdout.write(`${holds ? "ok  " : "FAIL"} ${what}${holds ? "" : `: ${String(detail)}`}\n`);
}

export async function scene(
  browser: Browser,
  name: string,
  play: (stage: Stage) => Promise<void>,
  options: OpenOptions & { prepare?: (api: FakeApi) => void } = {},
): Promise<void> {
  const api = startFakeApi({ fleet: fleetAt(Date.now()) });
  options.prepare?.(api);
  const { page, faults, close } = await openPage(browser, options);
  try {
    await play({ page, api });
  } catch (error) {
    expect(name, false, error);
  }
  const real = faults.filter((fault) => !fault.includes("WebSocket connection"));
  expect(`${name}: no exception, no violation of the policy`, real.length === 0, real.join("; "));
  await close();
  await api.stop();
}

export const has = (page: Page, text: string | RegExp, timeout = 5000): Promise<boolean> =>
  page
    .getByText(text)
    .locator("visible=true")
    .first()
    .waitFor({ timeout })
    .then(
      () => true,
      () => false,
    );
