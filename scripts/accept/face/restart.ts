import { ensure, ensureEqual } from "../lib/ensure.ts";
import { inTime } from "../lib/stats.ts";
import { now } from "../lib/wait.ts";
import { killService } from "../loop/one-repair.ts";
import type { Scenario } from "../scenario.ts";
import { type Face, openFaces, sees } from "./browser.ts";
import { furnish } from "./house.ts";

/** What shows the state of now and is not grey: what needs you, the numbers, the nodes, the master switch. */
const coloured = ({ page }: Face): Promise<string[]> =>
  page.evaluate(() => {
    const isGrey = (at: Element | null): boolean =>
      at !== null && (getComputedStyle(at).filter === "grayscale(1)" || isGrey(at.parentElement));
    const shown = {
      "what needs you": "main section",
      "the numbers": "main [role=group]",
      "the nodes": "main table",
      "the switch": "header button[aria-haspopup=dialog].of-now",
    };
    return Object.entries(shown).flatMap(([name, at]) => (isGrey(document.querySelector(at)) ? [] : [name]));
  });

const scenario: Scenario = {
  name: "restart-under-an-open-page",
  quick: true,
  timeoutMs: 180_000,
  async run(rig) {
    const { cortex, node, port } = await furnish(rig);
    const faces = await openFaces(rig, cortex);
    const face = await faces.face();
    const { page } = face;
    await face.open("/");
    await sees(page, node.name);
    // A mark that a reload would wipe away.
    await page.evaluate(() => void ((globalThis as { same?: boolean }).same = true));
    await cortex.kill();
    const killed = now();
    await sees(page, "Reconnecting");
    await sees(page, /^Stale 00:1/, 30_000);
    await sees(page, /has not answered since/);
    const staleMs = now() - killed;
    await sees(page, node.name);
    ensureEqual(await coloured(face), [], "what still has its colour although it is old");
    await face.shot("restart-stale");

    await cortex.restart();
    const back = now();
    await sees(page, "Live", 45_000);
    const healedMs = now() - back;
    await page.getByText(/has not answered since/).waitFor({ state: "detached" });
    await killService(port);
    // Nothing was lost: what happens after the restart arrives, over the same socket.
    const repaired = page.getByRole("list").getByText("Verified");
    await page.waitForFunction(
      () =>
        [...document.querySelectorAll("main li")].filter((row) => row.textContent?.includes("Verified"))
          .length >= 2,
      undefined,
      { timeout: 20_000 },
    );
    ensure((await repaired.count()) >= 2, "the repair after the restart is not on the page");
    const same = await page.evaluate(() => (globalThis as { same?: boolean }).same === true);
    ensure(same, "the page was reloaded");
    ensureEqual(await face.faults(), [], "complaints of the page");
    return `stale ${inTime(staleMs)} after the kill, live again ${inTime(healedMs)} after the restart, no reload, a repair seen after it`;
  },
};
export default scenario;
