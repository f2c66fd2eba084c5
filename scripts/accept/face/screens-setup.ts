/** The first page of a new Cortex: the form of the first admin, and links that are no longer good. */
import type { Cortex } from "../lib/cortex.ts";
import { ensure } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { openFaces, sees, settled, setupToken } from "./browser.ts";
import { judge, type Look, looksOf } from "./looking.ts";
import { wordingIn } from "./wording.ts";

/** The form of the first admin, on a Cortex that nobody has set up. */
export async function setUp(rig: Rig): Promise<string[]> {
  const cortex = await rig.cortex();
  const faces = await openFaces(rig, cortex);
  const wrong: string[] = [];
  for (const look of looksOf(rig)) {
    const t = await wordingIn(look.language);
    const face = await faces.stranger(look);
    const token = await setupToken(cortex);
    await face.open(`/setup#${token}`);
    await settled(face.page);
    await face.page.getByLabel(t("Password"), { exact: true }).fill("short");
    await face.page.getByRole("button", { name: t("Create admin and log in") }).click();
    await sees(face.page, t("At least 15 characters."));
    ensure(!face.page.url().includes(token), "the setup token stays in the address");
    wrong.push(...(await judge(face, "setup", look)));
    await face.close();
  }
  wrong.push(...(await deadLinks(rig, cortex)));
  return wrong;
}

/** Said when the page opens, not after the form was filled in: a link that a later start replaced, and one that was used. */
async function deadLinks(rig: Rig, cortex: Cortex): Promise<string[]> {
  const faces = await openFaces(rig, cortex);
  const wrong: string[] = [];
  const look = async (name: string, view: Look, token: string, shows: string) => {
    const t = await wordingIn(view.language);
    const face = await faces.stranger(view);
    await face.open(`/setup#${token}`);
    await sees(face.page, t(shows));
    wrong.push(...(await judge(face, name, view)));
    await face.close();
  };
  const good = await setupToken(cortex);
  for (const view of looksOf(rig)) {
    // Each time anew: so many dead links within a minute are taken for guesses.
    await cortex.restart();
    await look("setup-old", view, good, "This setup link is not valid any more");
  }
  await (await faces.face()).close();
  for (const view of looksOf(rig)) await look("setup-used", view, good, "This setup link was used");
  return wrong;
}
