/**
 * Drives the built dashboard in a real browser, keyboard first: `bun ui/testing/walk.ts [--quick] [AXE.MIN.JS]`. Prints one line
 * per statement and fails when one does not hold. With axe-core's script it also checks accessibility on each screen.
 */
import { readFileSync } from "node:fs";
import { launch } from "./browser.ts";
import type { FakeApi } from "./fake-api.ts";
import { keyboardSwitch, panel, shortcuts } from "./walk/keys.ts";
import { firstPaint, liveness } from "./walk/live.ts";
import { appearance, login, onboarding } from "./walk/people.ts";
import { everyScreen } from "./walk/screens.ts";
import { failures, scene } from "./walk/stage.ts";

/** `--quick`: without the tour of all screens. */
const quick = process.argv.includes("--quick");
const axePath = process.argv.slice(2).find((argument) => !argument.startsWith("--"));
const axe = axePath === undefined ? null : readFileSync(axePath, "utf8");

const browser = await launch();
const anonymous = (api: FakeApi) => {
  api.user = null;
  api.setupOpen = true;
};
await scene(browser, "onboarding", onboarding, { prepare: anonymous });
await scene(browser, "login", login, { prepare: anonymous });
await scene(browser, "live", liveness);
await scene(browser, "switch", keyboardSwitch);
await scene(browser, "panel", panel);
await scene(browser, "shortcuts", shortcuts);
await scene(browser, "appearance", appearance);
await scene(browser, "first paint", firstPaint);
for (const width of quick ? [] : [1366, 390, 320])
  for (const theme of ["dark", "light"] as const)
    await scene(browser, `screens in ${theme} at ${width} px`, (stage) => everyScreen(stage, axe), {
      theme,
      width,
      height: 844,
    });
await browser.close();
process.stdout.write(failures() === 0 ? "all hold\n" : `${failures()} do not hold\n`);
process.exitCode = failures() === 0 ? 0 : 1;
