/** A person lets a machine in with the dashboard alone: makes the token, sees it come, compares the words, approves. */
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { FACE_CONFIG, openFaces } from "../face/browser.ts";
import { joinWith } from "./remote.ts";

async function run(rig: Rig): Promise<string> {
  const monitor = await rig.cortex({ config: FACE_CONFIG });
  const faces = await openFaces(rig, monitor);
  const face = await faces.face({ theme: "dark", width: 1366 });
  const { page } = face;
  await face.open("/settings/nodes");
  await face.shot("enrol-empty");
  await page.getByRole("button", { name: "Add a node" }).click();
  await face.shot("enrol-token");
  await page.getByRole("button", { name: "Make the command" }).click();
  const command = await page.getByText("cortex join cxj1.").innerText();
  await page.getByText("Waiting for first contact").waitFor();
  await face.shot("enrol-waiting");
  const machine = await joinWith(rig, "edge-1", command.replace("cortex join ", ""));
  await page.getByText("edge-1 asks to be let in").waitFor({ timeout: 10_000 });
  await face.shot("enrol-came");
  await page.getByRole("button", { name: "Close" }).last().click();
  const { words } = JSON.parse((await monitor.cli("nodes", "show", "edge-1", "--json")).stdout) as {
    words: string;
  };
  await page.getByText(words).first().waitFor();
  await face.shot("enrol-pending");
  await face.open("/");
  await page.getByText("A node waits to be let in").first().waitFor();
  await face.shot("enrol-home");
  await face.open("/settings/nodes");
  await page.getByRole("button", { name: "Approve" }).click();
  await face.shot("enrol-approve");
  await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
  const state = async () => (await monitor.api<{ state: string }>("GET", `nodes/${machine.id}`)).json.state;
  await until(async () => (await state()) === "offline", { what: "it is let in", timeoutMs: 10_000 });
  machine.start();
  await until(async () => ["online", "degraded"].includes(await state()), {
    what: "it is online",
    timeoutMs: 30_000,
  });
  await face.shot("enrol-members");
  const phone = await faces.face({ theme: "light", width: 390 });
  await phone.open("/settings/nodes");
  await phone.page.getByText("edge-1").first().waitFor();
  await phone.shot("enrol-phone");
  const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  ensure(wide <= 0, `the page is ${wide} px too wide for a phone`);
  const faults = [...(await face.faults()), ...(await phone.faults())];
  ensureEqual(faults, [], "the browser complains");
  return "token made, machine seen coming, words compared, approved, online: all in the dashboard";
}

export default {
  name: "enrol-page",
  quick: false,
  timeoutMs: 120_000,
  threats: ["T03"],
  run,
} satisfies Scenario;
