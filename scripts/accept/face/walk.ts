import type { Page } from "playwright-core";
import { type Faces, sees } from "./browser.ts";
import type { House } from "./house.ts";
import { interactionFloor, openMeter, type Press, watchPresses } from "./measure.ts";

/** A walk through the screens on a machine at a quarter: how long until the next frame, each press. */
export async function walk(faces: Faces, house: House): Promise<{ took: readonly Press[]; floor: number }> {
  const face = await faces.face();
  const { page } = face;
  await face.open("/");
  await sees(page, house.node.name);
  await page.waitForLoadState("networkidle");
  const { press, took } = await watchPresses(page);
  const meter = await openMeter(page);
  await meter.slowedBy(4, async () => {
    for (const name of ["Problems", "Timeline", "Checks", "Plugins", "Settings", "Fleet"])
      await press(name, () =>
        page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).first().click(),
      );
    const row = page.getByRole("table", { name: "Nodes" }).getByRole("link", { name: house.node.name });
    await press("a node", () => row.click());
    for (const tab of ["Checks", "Problems", "Repairs", "Evidence", "Reports"])
      await press(`its ${tab}`, () => pressTab(page, tab));
    await press("the palette", () => page.keyboard.press("Control+k"));
    await page.getByRole("combobox").waitFor();
    for (const letter of "web-1") await press(`key ${letter}`, () => page.keyboard.type(letter));
    await press("Escape", () => page.keyboard.press("Escape"));
    await press("the shortcuts", () => page.keyboard.press("?"));
    await press("Escape", () => page.keyboard.press("Escape"));
  });
  const floor = await interactionFloor(face.context, 4);
  await face.close();
  return { took, floor };
}

const pressTab = (page: Page, name: string) =>
  page
    .getByRole("main")
    .getByRole("navigation")
    .getByRole("link", { name: new RegExp(`^${name}`) })
    .click();
