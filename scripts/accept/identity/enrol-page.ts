/**
 * A person lets a machine in with the dashboard alone: makes the token, sees it come, compares the words, approves. T03: who
 * comes with a stolen token under the right name has other words, and is rejected.
 */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { fingerprintWords } from "../../../core/domain/node-key.ts";
import { loadIdentity } from "../../../core/store/identity.ts";
import type { Cortex } from "../lib/cortex.ts";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { FACE_CONFIG, type Face, openFaces } from "../face/browser.ts";
import { joinWith, type Machine, tryJoin } from "./remote.ts";

/** As its own console shows them. */
const wordsOf = ({ dataDir }: Machine): string =>
  fingerprintWords(loadIdentity(join(dataDir, "keys")).publicKey);

/** The token of edge-2 is stolen on its way; the real edge-2 comes too late. */
async function steal(rig: Rig, monitor: Cortex): Promise<{ real: Machine; rogue: Machine }> {
  const made = await monitor.cli("token", "create", "--json", "--address", monitor.url);
  const { join: string } = JSON.parse(made.stdout) as { join: string };
  const rogue = await joinWith(rig, "rogue", string, { node: { name: "edge-2" } });
  const { joined, machine } = await tryJoin(rig, "edge-2", [string]);
  ensure(joined.stderr.includes("not valid (any more)"), `the real edge-2 is told: ${joined.stderr}`);
  return { real: machine, rogue };
}

/** What the person before the page does about it. */
async function compare(page: Page, real: Machine): Promise<void> {
  const row = page.locator("div", { has: page.getByText("edge-2", { exact: true }) }).last();
  await row.waitFor({ timeout: 10_000 });
  const isSame = (await row.innerText()).includes(wordsOf(real));
  ensure(!isSame, "the page shows the words of the real machine for the one that stole its token");
}

async function reject({ page, shot }: Face, monitor: Cortex, rogue: Machine): Promise<void> {
  await shot("enrol-rogue");
  await page.getByRole("button", { name: "Reject" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Reject" }).click();
  await until(async () => (await monitor.api("GET", `nodes/${rogue.id}`)).status === 404, {
    what: "who was rejected is gone",
    timeoutMs: 10_000,
  });
}

async function run(rig: Rig): Promise<string> {
  const monitor = await rig.cortex({ config: FACE_CONFIG });
  const faces = await openFaces(rig, monitor);
  const face = await faces.face({ theme: "dark", width: 1366 });
  const { page } = face;
  await face.open("/settings/nodes");
  await face.shot("enrol-empty");
  await page.getByRole("button", { name: "Add a node" }).click();
  await face.shot("enrol-token");
  await page.getByRole("button", { name: "Create the command" }).click();
  const command = await page.getByText("cortex join cxj1.").innerText();
  await page.getByText("Waiting for first contact").waitFor();
  await face.shot("enrol-waiting");
  const machine = await joinWith(rig, "edge-1", command.replace("cortex join ", ""));
  await page.getByText("edge-1 asks to join").waitFor({ timeout: 10_000 });
  await face.shot("enrol-came");
  await page.getByRole("button", { name: "Close" }).last().click();
  const { words } = JSON.parse((await monitor.cli("nodes", "show", "edge-1", "--json")).stdout) as {
    words: string;
  };
  ensureEqual(words, wordsOf(machine), "the words on both sides");
  await page.getByText(words).first().waitFor();
  await face.shot("enrol-pending");
  await face.open("/");
  await page.getByText("A node waits for approval").first().waitFor();
  await face.shot("enrol-home");
  await face.open("/settings/nodes");
  await page.getByRole("button", { name: "Approve" }).click();
  await face.shot("enrol-approve");
  await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
  const state = async () => (await monitor.api<{ state: string }>("GET", `nodes/${machine.id}`)).json.state;
  await until(async () => (await state()) === "unheard", { what: "it is let in", timeoutMs: 10_000 });
  machine.start();
  await until(async () => ["online", "degraded"].includes(await state()), {
    what: "it is online",
    timeoutMs: 30_000,
  });
  await face.shot("enrol-members");
  const { real, rogue } = await steal(rig, monitor);
  await face.open("/settings/nodes");
  await compare(page, real);
  await reject(face, monitor, rogue);
  const phone = await faces.face({ theme: "light", width: 390 });
  await phone.open("/settings/nodes");
  await phone.page.getByText("edge-1").first().waitFor();
  await phone.shot("enrol-phone");
  const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  ensure(wide <= 0, `the page is ${wide} px too wide for a phone`);
  const faults = [...(await face.faults()), ...(await phone.faults())];
  ensureEqual(faults, [], "the browser complains");
  return "token made, machine seen coming, words compared, approved, online: all in the dashboard; a thief of a token shows by its words";
}

/** Before a page that shows the words a node says of itself, as its name is. */
async function control(rig: Rig): Promise<string> {
  const monitor = await rig.cortex({ config: FACE_CONFIG });
  const faces = await openFaces(rig, monitor);
  const face = await faces.face();
  const { real, rogue } = await steal(rig, monitor);
  const shown = wordsOf(rogue);
  await face.page.route("**/api/v1/identities*", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replaceAll(shown, wordsOf(real)) });
  });
  await face.open("/settings/nodes");
  await compare(face.page, real);
  return "the words differ";
}

export default {
  name: "enrol-page",
  quick: false,
  timeoutMs: 120_000,
  threats: ["T03"],
  run,
  control,
} satisfies Scenario;
