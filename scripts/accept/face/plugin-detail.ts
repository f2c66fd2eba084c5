/** A plugin's own page: why it is broken and when it is tried again, what it may do, what it provides. */
import { dirname, join } from "node:path";
import { ensureEqual } from "../lib/ensure.ts";
import type { Scenario } from "../scenario.ts";
import { axeFindings, FACE_CONFIG, openFaces, overflowAt, sees } from "./browser.ts";
import { writePlugin } from "./house.ts";

const plugin = (name: string, setup: string) => `
import { definePlugin } from "cortex";
import * as z from "zod";

export default definePlugin({
  name: "${name}",
  version: "2.1.0",
  sdk: 1,
  summary: "Looks after the nightly backup.",
  config: z.strictObject({}),
  modes: ["agent"],
  capabilities: ["exec:df"],
  setup: () => {
    ${setup}
    return {
      checks: [
        {
          name: "${name}_age",
          summary: "Age of the newest backup.",
          type: "backup.old",
          nature: "fact" as const,
          intervalMs: 1000,
          confirmMs: 0,
          run: async () => [{ target: "host", status: "ok" as const, summary: "fine" }],
        },
      ],
    };
  },
});
`;

const scenario: Scenario = {
  name: "plugin-detail",
  quick: true,
  timeoutMs: 180_000,
  async run(rig) {
    const cortex = await rig.cortex({ config: { ...FACE_CONFIG, link: { report: "1s", heartbeat: "1s" } } });
    writePlugin(cortex, "restic", plugin("restic", ""));
    writePlugin(cortex, "shaky", plugin("shaky", "process.exit(3);"));
    const faces = await openFaces(rig, cortex);
    const face = await faces.face();
    const { page } = face;
    const sheet = page.getByRole("dialog");
    const says = (text: string | RegExp) => sheet.getByText(text).first().waitFor({ timeout: 20_000 });
    const open = async (name: string) => {
      await face.open("/plugins");
      await page.getByRole("link", { name, exact: true }).click({ timeout: 20_000 });
      await sheet.getByRole("heading", { name, exact: true }).waitFor();
    };

    await open("shaky");
    await says("Broken");
    await says(/its process/);
    await says(/^Starts again in 0\d:\d\d$/);
    await says(/ago|now/);
    await face.shot("plugin-broken");
    const wrong = await axeFindings(page);
    const wide = await overflowAt(page, 320);

    await open("restic");
    await says("Running");
    await says("2.1.0");
    await says("your own");
    await says(/keeps no list of allowed plugins/);
    await says("exec:df");
    await says("Configuration");
    await face.shot("plugin-running");
    await sheet.getByRole("link", { name: "restic_age" }).click();
    await sees(page, "Last runs");

    // With a list, what is not on it does not run, and nothing but a person changes that.
    const folder = join(dirname(cortex.configFile), "plugins");
    const allowed = await cortex.cli("plugin", "allow", "restic", "--yes", "--plugins-dir", folder);
    ensureEqual(allowed.code, 0, `cortex plugin allow: ${allowed.stderr}`);
    await open("restic");
    await says(/what the list of allowed plugins grants it/);
    await says("allowed");
    await face.shot("plugin-allowed");
    await open("shaky");
    await says(/is not started again by itself/);
    await face.shot("plugin-refused");

    await open("cpu");
    await says("part of Cortex");
    const address = page.url();
    await page.reload();
    await sheet.getByRole("heading", { name: "cpu", exact: true }).waitFor();
    ensureEqual(page.url(), address, "the address of a plugin");
    wrong.push(...(await axeFindings(page)), ...(await face.faults()));
    ensureEqual([wide, wrong], [0, []], "pixels too wide, and what is wrong with the sheet");
    return "a crashing plugin says why and when it starts again, one off the list what helps; permissions asked and allowed, checks, configuration; the address leads back to it";
  },
};
export default scenario;
