/**
 * The policy is written on screen: a mistake is shown at its line, the text is tried on the past, compared, saved; the next
 * intent is decided by it. Somebody who saved meanwhile costs nobody a word.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { PolicyVersionItem } from "../../../core/http/types.ts";
import {
  ADMIN,
  axeFindings,
  type Face,
  type Faces,
  FACE_CONFIG,
  openFaces,
  overflowAt,
  sees,
} from "../face/browser.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime } from "../lib/stats.ts";
import { now } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { serving } from "../loop/demo.ts";
import { killService } from "../loop/one-repair.ts";
import { decisionsOf, intentReaches, pendingDecision, startCritical } from "./waiting.ts";

const policy = (verdict: string) =>
  `version: 1\nrules:\n  # Starting a service again does no harm.\n  - id: start-services\n    when: { repair: service.* }\n    verdict: ${verdict}\n`;

const field = (page: Page) => page.getByRole("textbox", { name: "Policy as YAML" });
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const inForce = async (cortex: Cortex) => (await cortex.api<PolicyVersionItem>("GET", "policy")).json;

/** A mistake is named with its line, leads there, and keeps the text from being saved. */
async function mistake(face: Face): Promise<void> {
  const { page } = face;
  await field(page).fill(policy("perhaps"));
  await sees(page, "Line 6");
  ensure(await button(page, "Review and save").isDisabled(), "a text with a mistake can be saved");
  ensureEqual(await axeFindings(page), [], "axe on the editor with a mistake");
  await face.shot("policy-mistake-dark-1366");
  await page.getByRole("button", { name: "Line 6" }).click();
  const at = await field(page).evaluate((one) => (one as HTMLTextAreaElement).selectionStart);
  ensureEqual(policy("perhaps").slice(0, at).split("\n").length, 6, "line that the mistake leads to");
}

/** Save what is in the editor: the reason is asked for, and who it is when that was proved a while ago. */
async function save(face: Face, note: string): Promise<void> {
  const { page } = face;
  await button(page, "Review and save").click();
  await button(page, "Put in force").click();
  await sees(page, "Say why");
  await page.getByRole("textbox", { name: "Why" }).fill(note);
  await page.keyboard.press("Enter");
}

/** Then it says this; who proved a moment ago who they are is not asked again. Answers whether they were. */
async function says(page: Page, text: string): Promise<boolean> {
  const password = page.getByLabel("Password", { exact: true });
  await page.getByText(text).or(password).locator("visible=true").first().waitFor();
  const isAsked = await password.isVisible();
  if (isAsked) {
    await password.fill(ADMIN.password);
    await page.keyboard.press("Enter");
  }
  await sees(page, text);
  return isAsked;
}

/** `other`: somebody else saves while the text is written. */
async function conflict(cortex: Cortex, face: Face, other: boolean): Promise<void> {
  const { page } = face;
  const mine = `${policy("allow")}    reason: mine\n`;
  await field(page).fill(mine);
  await sees(page, "1 rule, no mistakes");
  await button(page, "Review and save").click();
  await page.getByRole("textbox", { name: "Why" }).fill("too late");
  const path = join(cortex.dataDir, "..", "other.yaml");
  writeFileSync(path, `${policy("allow")}    people: 1\n`);
  if (other) ensureEqual((await cortex.cli("policy", "save", path)).code, 0, "the other one saves");
  await page.keyboard.press("Enter");
  const isTold = await says(page, "saved version 2 meanwhile").then(
    () => true,
    () => false,
  );
  ensure(isTold, "a text that was made from version 1 went over version 2, and nobody was told");
  await sees(page, "people: 1");
  await face.shot("policy-conflict-dark-1366");
  ensureEqual(await axeFindings(page), [], "axe on the conflict");
  ensureEqual(
    [await field(page).inputValue(), (await inForce(cortex)).version],
    [mine, 2],
    "text and version",
  );
  await button(page, "Continue from version 2").click();
  await save(face, "with mine");
  await says(page, "Version 3 is in force");
}

/** The last versions on a phone, in the light; and the page of somebody who may only look. */
async function others(rig: Rig, cortex: Cortex, faces: Faces, face: Face): Promise<void> {
  const phone = await faces.stranger({ width: 390, theme: "light" });
  // Proving who one is has given the session another cookie since the login.
  await phone.context.addCookies(await face.context.cookies());
  for (const [view, shows] of [
    ["rules", "start-services"],
    ["text", "1 rule, no mistakes"],
    ["history", "with mine"],
  ] as const) {
    await phone.open(`/settings/policy${view === "rules" ? "" : `?view=${view}`}`);
    await sees(phone.page, shows);
    await phone.shot(`policy-${view}-light-390`);
    ensureEqual(await axeFindings(phone.page), [], `axe on ${view} of a phone`);
    ensureEqual(await overflowAt(phone.page, 320), 0, `${view}: pixels wider than 320`);
  }
  await phone.page.getByRole("button", { name: "with mine" }).click();
  await sees(phone.page, "reason: mine");
  await phone.page.getByRole("button", { name: "Restore" }).last().click();
  await sees(phone.page, "Version 1 is in the editor");
  ensureEqual(await field(phone.page).inputValue(), policy("allow"), "text of version 1");
  await phone.shot("policy-restored-light-390");
  // The browser would ask before it leaves with a text that is not saved.
  phone.page.once("dialog", (dialog) => void dialog.accept());
  await phone.page.evaluate(() => localStorage.setItem("cortex.language", "zh"));
  await phone.open("/settings/policy");
  await sees(phone.page, "第一条匹配的规则生效");
  await phone.shot("policy-rules-zh-390");
  ensureEqual(await overflowAt(phone.page, 320), 0, "in Chinese: pixels wider than 320");

  const vera = { name: "vera", password: "only looks at things here" };
  const made = await cortex.api("POST", "users", { ...vera, grants: [{ role: "viewer", scope: "*" }] });
  ensureEqual(made.status, 201, "a viewer is made");
  const viewer = await faces.stranger();
  const headers = { origin: cortex.url };
  await viewer.context.request.post(`${cortex.url}/api/v1/auth/login`, { data: vera, headers });
  await viewer.open("/settings/policy?view=text");
  await sees(viewer.page, "Only people who may change the settings");
  ensure(!(await field(viewer.page).isEditable()), "a viewer can write");
  ensureEqual(await button(viewer.page, "Review and save").count(), 0, "buttons to save for a viewer");
  for (const one of [phone, viewer]) ensureEqual(await one.faults(), [], "complaints of the page");
  rig.say("phone and viewer looked");
}

async function scene(rig: Rig, other: boolean): Promise<string> {
  const server = { ...FACE_CONFIG.server, session_recent: "1s" };
  const { cortex, port } = await startCritical(rig, { more: { ...FACE_CONFIG, server } });
  await killService(port);
  const decision = await pendingDecision(cortex);
  await cortex.cli("decisions", "approve", decision.id);
  await intentReaches(cortex, decision, "verified");

  const faces = await openFaces(rig, cortex);
  const face = await faces.face();
  const { page } = face;
  await face.open("/settings/policy");
  await sees(page, "No rule yet");
  await face.shot("policy-empty-dark-1366");
  await button(page, "Write the first rule").click();
  await mistake(face);
  await field(page).fill(policy("allow"));
  await sees(page, "1 rule, no mistakes");
  await button(page, "Try on the past").click();
  await sees(page, "1 decision, 1 would change");
  await face.shot("policy-tried-dark-1366");
  ensureEqual(await axeFindings(page), [], "axe on the tried text");
  await save(face, "it never went wrong");
  ensure(await says(page, "Version 1 is in force"), "nobody asked who it is that saves");
  const first = await inForce(cortex);
  ensureEqual(
    [first.version, first.text, first.note, first.author],
    [1, policy("allow"), "it never went wrong", `user:${ADMIN.name}`],
    "the version that was saved",
  );

  const killed = now();
  await killService(port);
  const servedMs = (await serving(port)) - killed;
  const { items } = await decisionsOf(cortex, "?state=approved");
  const next = items.find(({ id }) => id !== decision.id);
  ensureEqual(next?.voices.at(-1)?.by, "rule:start-services", "who decided the next one");

  await conflict(cortex, face, other);
  await face.open("/settings/policy");
  await face.shot("policy-rules-dark-1366");
  ensureEqual(await axeFindings(page), [], "axe on the rules");
  await others(rig, cortex, faces, face);
  ensureEqual(await face.faults(), [], "complaints of the page");
  return `a mistake at its line, tried, saved as version 1 after a proof; the next kill served ${inTime(servedMs)} later by its word; a late save lost nothing`;
}

const scenario: Scenario = {
  name: "policy-editor",
  quick: false,
  timeoutMs: 180_000,
  run: (rig) => scene(rig, true),
  control: (rig) => scene(rig, false),
};
export default scenario;
