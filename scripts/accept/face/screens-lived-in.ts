/** The screens of a Cortex that is in use: decisions that wait, nodes that joined, a policy, and every dialog that asks before it acts. */
import type { Cookie, Page } from "playwright-core";
import { ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import type { Scenario } from "../scenario.ts";
import { openFaces, sees } from "./browser.ts";
import { liveIn, type LivedIn } from "./lived-in.ts";
import { lookAt, looksOf, nameOf, type Screen } from "./looking.ts";
import type { Wording } from "./wording.ts";

type Act = NonNullable<Screen<LivedIn>["act"]>;

/** Press the first button that is called so. */
const press = (page: Page, t: Wording, name: string) =>
  page
    .getByRole("button", { name: t(name) })
    .locator("visible=true")
    .first()
    .click();

/** Press, and see what comes of it. */
const opens =
  (name: string, shows: string): Act =>
  async (page, t) => {
    await press(page, t, name);
    await sees(page, t(shows));
  };

const medium = (house: LivedIn) => `/decisions/${house.medium.id}`;
const high = (house: LivedIn) => `/decisions/${house.high.id}`;

/** Approve it, with the name of the node that what is grave asks for, as far as the question who it is. */
const asksWhoItIs: Act = async (page, t, { high: { nodeName } }) => {
  await press(page, t, "Approve");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(t(`Type ${nodeName} to confirm`)).fill(nodeName);
  await dialog.getByRole("button", { name: t("Approve") }).click();
  await sees(page, t("Confirm that it is you"));
};

/** As it would be with one rule less. */
const tries: Act = async (page, t) => {
  const field = page.getByRole("textbox", { name: t("Policy as YAML") });
  await sees(page, t("4 rules, no mistakes"));
  const text = await field.inputValue();
  await field.fill(
    text.replace('repair: unit.restart, group: web, hours: "22:00-06:00"', "repair: service.*, group: db"),
  );
  await sees(page, t("4 rules, no mistakes"));
  await press(page, t, "Try on the past");
  await page.getByRole("table").locator("visible=true").first().waitFor();
  leaves(page);
};

const changes: Act = async (page, t) => {
  await sees(page, t("4 rules, no mistakes"));
  const field = page.getByRole("textbox", { name: t("Policy as YAML") });
  await field.fill((await field.inputValue()).replace("people: 2", "people: 1"));
  await sees(page, t("4 rules, no mistakes"));
  await press(page, t, "Review and save");
  await page
    .getByRole("region", { name: t("What changes") })
    .first()
    .waitFor();
  leaves(page);
};

/** The browser would ask before it leaves with a text that is not saved. */
const leaves = (page: Page) => page.once("dialog", (dialog) => void dialog.accept());

const SCREENS: Screen<LivedIn>[] = [
  { name: "in-fleet", path: () => "/", shows: () => "edge-1.example.net" },
  { name: "in-node", path: ({ edge }) => `/nodes/${edge}`, shows: () => "edge-1.example.net" },
  { name: "in-node-revoked", path: ({ gone }) => `/nodes/${gone}`, shows: () => "edge-3.example.net" },
  { name: "in-decisions", path: () => "/decisions", shows: (house) => house.medium.plan!.summary },
  { name: "in-decision", path: medium, shows: "Command" },
  { name: "in-decision-grave", path: high, shows: "Blast radius" },
  {
    name: "in-decision-approve",
    path: medium,
    shows: "Blast radius",
    act: opens("Approve", "Approve this repair?"),
  },
  {
    name: "in-decision-approve-grave",
    path: high,
    shows: "Blast radius",
    act: opens("Approve", "Approve this repair?"),
  },
  {
    name: "in-decision-reject",
    path: medium,
    shows: "Blast radius",
    act: opens("Reject", "Reject this repair?"),
  },
  { name: "in-reauthenticate", path: high, shows: "Blast radius", act: asksWhoItIs },
  {
    name: "in-decisions-answered",
    path: () => "/decisions?state=answered",
    shows: () => "start process demo",
  },
  {
    name: "in-decision-answered",
    path: () => "/decisions?state=answered",
    shows: () => "start process demo",
    act: async (page, t) => {
      await page.getByRole("link", { name: "start process demo" }).first().click();
      await sees(page, t("Verdicts"));
    },
  },
  {
    name: "in-problem",
    path: ({ high: { problem } }) => `/?problem=${problem!.id}`,
    shows: "Limits",
  },
  { name: "in-intent", path: ({ high: { intent } }) => `/?intent=${intent!.id}`, shows: "Steps" },
  { name: "in-timeline", path: () => "/timeline", shows: "Verified" },
  {
    name: "in-timeline-export",
    path: () => "/timeline",
    shows: "Verified",
    act: opens("Export", "The whole chain of a node as JSON Lines"),
  },
  { name: "in-checks", path: () => "/checks", shows: () => "package_works" },
  { name: "in-nodes", path: () => "/settings/nodes", shows: () => "edge-3.example.net" },
  {
    name: "in-nodes-add",
    path: () => "/settings/nodes",
    shows: () => "edge-3.example.net",
    act: opens("Add a node", "Create the command"),
  },
  {
    name: "in-nodes-command",
    path: () => "/settings/nodes",
    shows: () => "edge-3.example.net",
    act: async (page, t) => {
      await press(page, t, "Add a node");
      await press(page, t, "Create the command");
      await seesOrProves(page, t, "Run this on the machine");
    },
  },
  {
    name: "in-nodes-approve",
    path: () => "/settings/nodes",
    shows: () => "edge-3.example.net",
    act: opens("Approve", "Approve edge-2.example.net?"),
  },
  {
    name: "in-nodes-revoke",
    path: () => "/settings/nodes",
    shows: () => "edge-3.example.net",
    act: opens("Revoke edge-1.example.net for good?", "It is out at once."),
  },
  {
    name: "in-nodes-rotate",
    path: () => "/settings/nodes",
    shows: () => "edge-3.example.net",
    act: opens("Rotate key of edge-1.example.net?", "The node creates the new key itself"),
  },
  {
    name: "in-nodes-token",
    path: () => "/settings/nodes",
    shows: () => "edge-3.example.net",
    act: opens("Revoke this token?", "Nobody can join with it any more."),
  },
  { name: "in-policy", path: () => "/settings/policy", shows: () => "packages-need-two" },
  { name: "in-policy-text", path: () => "/settings/policy?view=text", shows: "4 rules, no mistakes" },
  {
    name: "in-policy-tried",
    path: () => "/settings/policy?view=text",
    shows: "4 rules, no mistakes",
    act: tries,
  },
  {
    name: "in-policy-save",
    path: () => "/settings/policy?view=text",
    shows: "4 rules, no mistakes",
    act: changes,
  },
  {
    name: "in-policy-history",
    path: () => "/settings/policy?view=history",
    shows: () => "what we agreed on in spring",
    act: async (page) => {
      await page.getByRole("button", { name: "two people for packages" }).click();
      await sees(page, "people: 2");
    },
  },
  { name: "in-autonomy", path: () => "/settings/autonomy", shows: "What repairs may do" },
  {
    name: "in-autonomy-set",
    path: () => "/settings/autonomy",
    shows: "What repairs may do",
    act: opens("Set autonomy", "It only says what it would do."),
  },
  {
    name: "in-autonomy-accept",
    path: () => "/settings/autonomy",
    shows: "What repairs may do",
    act: opens("Let it act", "It repairs without asking from now on."),
  },
  { name: "in-people", path: () => "/settings/people", shows: () => "vera.van.den.berg" },
  {
    name: "in-person",
    path: () => "/settings/people",
    shows: () => "vera.van.den.berg",
    act: opens("Edit vera.van.den.berg", "Leave empty to keep the old one."),
  },
  {
    name: "in-person-delete",
    path: () => "/settings/people",
    shows: () => "vera.van.den.berg",
    act: async (page, t) => {
      await press(page, t, "Edit vera.van.den.berg");
      await page
        .getByRole("dialog")
        .getByRole("button", { name: t("Delete") })
        .click();
      await sees(page, t("Delete vera.van.den.berg?"));
    },
  },
  {
    name: "in-key-delete",
    path: () => "/settings/keys",
    shows: () => "grafana",
    act: opens("Delete the key grafana?", "It stops working at once"),
  },
  { name: "in-sessions", path: () => "/settings/sessions", shows: "this one" },
  {
    name: "in-backups",
    path: () => "/settings/retention",
    shows: "on request",
  },
  { name: "in-audit", path: () => "/settings/audit", shows: "Revoked a node" },
  {
    name: "in-password",
    path: () => "/profile",
    shows: "Second factors and passkeys",
    act: opens("Change password", "Current password"),
  },
  {
    name: "in-repairs-off",
    path: () => "/",
    shows: () => "edge-1.example.net",
    act: async (page, t, { cortex }) => {
      await cortex.cli("switch", "off", "--reason", "the racks are being moved");
      await sees(page, t("Repairs are switched off. Problems are found and recorded, nothing is repaired."));
    },
    after: async ({ cortex }) => void (await cortex.cli("switch", "on", "--reason", "the racks have moved")),
  },
];

/** What is asked for anew when the last proof is old. */
async function seesOrProves(page: Page, t: Wording, text: string): Promise<void> {
  const password = page.getByRole("dialog").getByLabel(t("Password"), { exact: true });
  await page.getByText(t(text)).or(password).first().waitFor();
  if (await password.isVisible()) {
    await password.fill("correct horse battery staple");
    await page.keyboard.press("Enter");
  }
  await sees(page, t(text));
}

async function walk(rig: Rig): Promise<{ count: number; wrong: string[] }> {
  const house = await liveIn(rig);
  const faces = await openFaces(rig, house.cortex);
  const wrong: string[] = [];
  let count = 0;
  let cookies: Cookie[] = [];
  for (const look of looksOf(rig)) {
    const face = await faces.face(look);
    // Who proves who they are has another session from then on.
    if (cookies.length > 0) await face.context.addCookies(cookies);
    for (const screen of SCREENS) {
      wrong.push(...(await lookAt(face, house, screen, look)));
      count += 1;
    }
    cookies = await face.context.cookies();
    await face.close();
    rig.say([`${nameOf(look)}: ${count} looked at, ${wrong.length} findings`, ...wrong].join("\n"));
  }
  return { count, wrong };
}

const scenario: Scenario = {
  name: "screens-lived-in",
  quick: false,
  timeoutMs: 1_200_000,
  needs: ["dpkg"],
  async run(rig) {
    const { count, wrong } = await walk(rig);
    ensureEqual(wrong, [], "what is wrong with the screens");
    return `${count} pictures in tmp/face-shots; axe, console and policy silent, none too wide at 320`;
  },
};
export default scenario;
