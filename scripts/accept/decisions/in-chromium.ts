import { axeFindings, type Face, FACE_CONFIG, openFaces, overflowAt, sees } from "../face/browser.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { inTime } from "../lib/stats.ts";
import { now } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { serving } from "../loop/demo.ts";
import { ensureLeftAlone, killService } from "../loop/one-repair.ts";
import { ensureL3, intentReaches, pendingDecision, startCritical } from "./waiting.ts";

/** Somebody else answers while the reason is written. */
async function decidedMeanwhile(cortex: Cortex, port: number, { page, open, shot }: Face): Promise<void> {
  await open("/decisions");
  await killService(port);
  const decision = await pendingDecision(cortex);
  await sees(page, "Blast radius");
  await page.keyboard.press("a");
  await page.keyboard.type("I was about to");
  const said = await cortex.cli("decisions", "approve", decision.id, "--reason", "by hand");
  ensureEqual(said.code, 0, `decisions approve (${said.stderr.trim()})`);
  await sees(page, "Approved by somebody on the host a moment ago");
  await shot("decision-faster-dark-1366");
  ensureEqual(await page.getByRole("dialog").locator("visible=true").count(), 0, "open dialogs");
  await intentReaches(cortex, decision, "verified");
}

const scenario: Scenario = {
  name: "in-chromium",
  quick: true,
  timeoutMs: 180_000,
  async run(rig) {
    const { cortex, port } = await startCritical(rig, { more: FACE_CONFIG });
    const faces = await openFaces(rig, cortex);
    const face = await faces.face();
    const { page } = face;
    await face.open("/decisions");
    await sees(page, "Nothing waits for you");
    await face.shot("decisions-empty-dark-1366");
    const { at } = await killService(port);
    await sees(page, "start process demo");
    const seenMs = now() - at;
    const decision = await pendingDecision(cortex);
    await sees(page, "Blast radius");
    ensure((await page.title()).startsWith("(1)"), `the title says ${await page.title()}`);
    await face.shot("decision-dark-1366");
    ensureEqual(await axeFindings(page), [], "axe on the open decision");
    ensureEqual(await overflowAt(page, 320), 0, "pixels wider than 320");

    // By keyboard alone: a, the reason, Enter.
    await page.keyboard.press("a");
    await sees(page, "Approve this repair?");
    await face.shot("decision-approve-dark-1366");
    ensureEqual(await axeFindings(page), [], "axe on the open dialog");
    await page.keyboard.type("seen on screen");
    const yes = now();
    await page.keyboard.press("Enter");
    const servedMs = (await serving(port)) - yes;
    await intentReaches(cortex, decision, "verified");
    await face.open(`/decisions/${decision.id}?state=answered`);
    await sees(page, "Approved");
    await sees(page, "seen on screen");
    await face.shot("decision-approved-dark-1366");

    await decidedMeanwhile(cortex, port, face);

    // The third time a no, on a phone, in the light, and by way of the problem.
    const phone = await faces.face({ width: 390, theme: "light" });
    await phone.open("/problems");
    await killService(port);
    const second = await pendingDecision(cortex);
    await phone.page.getByRole("link", { name: "demo is not running" }).first().click();
    await sees(phone.page, "Run the check again");
    await phone.shot("problem-decide-light-390");
    ensureEqual(await axeFindings(phone.page), [], "axe on the problem that waits for a decision");
    await phone.page.getByRole("dialog").getByRole("link", { name: "Decide" }).click();
    await sees(phone.page, "Blast radius");
    ensureEqual(new URL(phone.page.url()).pathname, `/decisions/${second.id}`, "where it leads");
    await phone.shot("decision-light-390");
    await phone.page.getByRole("button", { name: "Reject" }).click();
    await phone.page.getByRole("dialog").getByRole("button", { name: "Reject" }).click();
    await sees(phone.page, "Say why");
    await phone.page.getByRole("dialog").getByRole("textbox").fill("we move it tonight");
    await phone.shot("decision-reject-light-390");
    await phone.page.getByRole("dialog").getByRole("button", { name: "Reject" }).click();
    await intentReaches(cortex, second, "rejected");
    await ensureLeftAlone(cortex, port, 3000, "it was rejected");
    await ensureL3(cortex, second);

    // A change of mind, in the problem: it is asked about anew, and the yes runs.
    await phone.open(`/problems/${second.problem!.id}`);
    await sees(phone.page, "we move it tonight");
    await phone.shot("problem-rejected-light-390");
    await phone.page.getByRole("button", { name: "Try the repair again" }).click();
    const third = await pendingDecision(cortex);
    ensure(
      third.id !== second.id && third.problem!.id === second.problem!.id,
      "no new decision on the same problem",
    );
    await phone.page.getByRole("dialog").getByRole("link", { name: "Decide" }).waitFor();
    const approved = await cortex.cli("decisions", "approve", third.id);
    ensureEqual(approved.code, 0, `decisions approve (${approved.stderr.trim()})`);
    await intentReaches(cortex, third, "verified");

    for (const one of [face, phone]) ensureEqual(await one.faults(), [], "complaints of the page");
    return `on screen ${inTime(seenMs)} after the kill; approved by keyboard, serving ${inTime(servedMs)} later, verified; rejected on a phone, not run, L3; tried again, asked anew, verified; who was faster is named`;
  },
};
export default scenario;
