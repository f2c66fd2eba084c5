/** How a screen is looked at: in both themes, both widths and both languages, photographed and judged. */
import type { Page } from "playwright-core";
import type { Rig } from "../lib/rig.ts";
import { axeFindings, type Face, overflowAt, sees, type View } from "./browser.ts";
import { type Language, type Wording, wordingIn } from "./wording.ts";

/** One screen, panel or dialog of a house that has what it shows. */
export interface Screen<H> {
  name: string;
  path: (house: H) => string;
  /** What is there once it is drawn: a text of the dashboard, in English, or by a function what comes from the house. */
  shows: string | RegExp | ((house: H) => string);
  /** What opens it; `t` says the dashboard's texts in the language of the page. */
  act?: (page: Page, t: Wording, house: H) => Promise<void>;
  /** Puts the house back in order. */
  after?: (house: H) => Promise<void>;
}

export interface Look extends View {
  language: Language;
}

const LOOKS: Look[] = [
  { theme: "dark", width: 1366, language: "en" },
  { theme: "light", width: 390, language: "en" },
  { theme: "light", width: 1366, language: "en" },
  { theme: "dark", width: 390, language: "en" },
  { theme: "light", width: 1366, language: "zh" },
  { theme: "dark", width: 390, language: "zh" },
];

/** The quick tier has two, which hold both themes and both widths between them. */
export const looksOf = ({ quick }: Pick<Rig, "quick">): Look[] => (quick ? LOOKS.slice(0, 2) : LOOKS);

/** As in the names of pictures: `zh-dark-390`; English is not named. */
export const nameOf = ({ language, theme, width }: Look): string =>
  `${language === "en" ? "" : `${language}-`}${theme}-${width}`;

/** Drawn as it is now: photographed, without a finding. Answers with what is wrong. */
export async function judge(face: Face, screen: string, look: Look): Promise<string[]> {
  const name = `${screen}-${nameOf(look)}`;
  // Lists and charts settle, and what slides in has arrived.
  await face.page.waitForTimeout(250);
  await face.shot(name);
  const wrong = [...(await face.faults()), ...(await axeFindings(face.page))];
  const wide = await overflowAt(face.page, 320);
  if (wide > 0) wrong.push(`${wide} px too wide at 320`);
  return wrong.map((line) => `${name}: ${line}`);
}

/** While the look of one screen is worked on: `FACE_ONLY=in-policy.*zh` leaves the others out. */
const ONLY = new RegExp(process.env.FACE_ONLY ?? "");

/** Opened, brought into its form, judged. */
export async function lookAt<H>(face: Face, house: H, screen: Screen<H>, look: Look): Promise<string[]> {
  if (!ONLY.test(`${screen.name}-${nameOf(look)}`)) return [];
  const t = await wordingIn(look.language);
  try {
    await face.open(screen.path(house));
    const { shows } = screen;
    if (typeof shows === "function") await sees(face.page, shows(house), 15_000);
    else if (typeof shows === "string") await sees(face.page, t(shows), 15_000);
    // A pattern is written for English; in other languages it is enough that nothing loads any more.
    else if (look.language === "en") await sees(face.page, shows, 15_000);
    await screen.act?.(face.page, t, house);
  } catch (error) {
    await face.shot(`broken-${screen.name}-${nameOf(look)}`);
    return [`${screen.name}-${nameOf(look)}: ${error instanceof Error ? error.message : String(error)}`];
  }
  const wrong = await judge(face, screen.name, look);
  await screen.after?.(house);
  return wrong;
}
