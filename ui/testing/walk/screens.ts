/** Every screen: as wide as its window, and nothing for axe where its script is at hand. */
import type { Page } from "playwright-core";
import { overflow } from "../browser.ts";
import { emptyFleet } from "../fixtures.ts";
import { expect, type Stage } from "./stage.ts";

const SCREENS = [
  "/",
  "/problems",
  "/problems?state=resolved",
  "/timeline",
  "/checks",
  "/plugins",
  "/settings",
  "/nowhere",
];

/** `axe`: the script of axe-core. */
export async function everyScreen({ page, api }: Stage, axe: string | null): Promise<void> {
  const judge = (name: string) => judgeScreen(page, name, axe);
  async function visit(path: string, prefix = ""): Promise<void> {
    await page.goto(api.url + path);
    await page.waitForTimeout(500);
    await judge(prefix + path.replace(/[^/?=&]{25,}/, "ID"));
  }
  const details = [
    `/nodes/${api.fleet.nodes[3]!.id}`,
    `/?problem=${api.fleet.problems[3]!.id}`,
    `/?intent=${api.fleet.intents[0]!.id}`,
  ];
  for (const path of [...SCREENS, ...details]) await visit(path);
  await page.goto(api.url);
  await page.getByRole("button", { name: /Repairs on/ }).click();
  await page.getByRole("button", { name: "Switch repairs off" }).click();
  await judge("the switch's dialog with an error");
  api.fleet = emptyFleet();
  for (const path of ["/", "/problems", "/timeline", "/checks", "/plugins"]) await visit(path, "empty ");
  api.user = null;
  for (const path of ["/login", "/setup"]) await visit(path);
  api.broken = true;
  await visit("/", "unreachable ");
}

async function judgeScreen(page: Page, name: string, axe: string | null): Promise<void> {
  const size = `${page.viewportSize()!.width} px`;
  const wide = await overflow(page);
  expect(`${name} at ${size} needs no sideways scrolling`, wide <= 0, `${wide} px`);
  if (axe === null) return;
  await page.evaluate(axe);
  const found = (await page.evaluate(
    `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
      .then(({ violations }) => violations.map(({ id, nodes }) => id + " " + nodes.map((node) => node.target + " " + node.any.map((one) => one.message).join()).slice(0, 3).join(" | ")))`,
  )) as string[];
  expect(`${name} at ${size} has nothing for axe`, found.length === 0, found.join("\n       "));
}
