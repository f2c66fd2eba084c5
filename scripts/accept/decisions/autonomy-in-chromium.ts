/** The page of earned autonomy in a browser: an offer with its evidence, accepted by an admin; what is in force, and a loss told at once. */
import { axeFindings, FACE_CONFIG, openFaces, overflowAt, sees } from "../face/browser.ts";
import { ensureEqual } from "../lib/ensure.ts";
import { inTime } from "../lib/stats.ts";
import type { Scenario } from "../scenario.ts";
import { serving } from "../loop/demo.ts";
import { killService } from "../loop/one-repair.ts";
import { intentReaches, pendingDecision, startCritical } from "./waiting.ts";

const LEAST = 3;

const scenario: Scenario = {
  name: "autonomy-in-chromium",
  quick: false,
  timeoutMs: 180_000,
  async run(rig) {
    const policy = { autonomy_after: LEAST, autonomy_bound: 0.4 };
    const { cortex, port } = await startCritical(rig, { more: FACE_CONFIG, policy });
    const faces = await openFaces(rig, cortex);
    const face = await faces.face();
    const { page } = face;
    await face.open("/settings/autonomy");
    await sees(page, "No repair has a setting of its own");
    for (let time = 0; time < LEAST; time += 1) {
      await killService(port);
      const decision = await pendingDecision(cortex);
      ensureEqual((await cortex.cli("decisions", "approve", decision.id)).code, 0, "approve");
      await serving(port);
      await intentReaches(cortex, decision, "verified");
    }
    await sees(page, `${LEAST} of ${LEAST} held: at least 43%`);
    await face.shot("autonomy-offer-dark-1366");
    ensureEqual(await axeFindings(page), [], "axe on the page");
    ensureEqual(await overflowAt(page, 320), 0, "pixels wider than 320");
    await page.getByRole("button", { name: "Let it act" }).first().click();
    await page.getByRole("dialog").getByRole("button", { name: "Let it act" }).click();
    await sees(page, "1 informed");
    await face.shot("autonomy-granted-dark-1366");
    const { at } = await killService(port);
    const servedMs = (await serving(port, 20_000)) - at;
    return `offered with its evidence, accepted in the browser, serving ${inTime(servedMs)} after a kill; axe 0, 0 px wider than 320`;
  },
};
export default scenario;
