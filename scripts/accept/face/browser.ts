/** A real Chromium before a real Cortex: pages that are logged in, and everything they complain about. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Cookie, type Page } from "playwright-core";
import type { Cortex } from "../lib/cortex.ts";
import { ensure } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import type { Language } from "./wording.ts";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const ADMIN = { name: "anna", password: "correct horse battery staple" };

/** Every door of the API is asked by one browser in a hurry. */
export const FACE_CONFIG = { version: 1, server: { request_rate: 10_000, ingest_rate: 10_000 } };

export interface View {
  theme: "light" | "dark";
  width: number;
  height?: number;
  /** Default what the browser prefers: English. */
  language?: Language;
  /** Device pixels per CSS pixel; default 1. */
  scale?: number;
}

export interface Face {
  page: Page;
  context: BrowserContext;
  /** Console errors, exceptions and reports of the content policy, so far; emptied by reading. */
  faults(): Promise<string[]>;
  /** Open a path of the dashboard and wait until its content is there. */
  open(path: string): Promise<void>;
  /** Written to tmp/face-shots, for people to look at. */
  shot(name: string): Promise<void>;
  close(): Promise<void>;
}

export interface Faces {
  /** A fresh profile in the one session of the first admin: logging in often is what the login guard is against. */
  face(view?: Partial<View>): Promise<Face>;
  /** A fresh profile that nobody is logged in with. */
  stranger(view?: Partial<View>): Promise<Face>;
}

/** One browser for a scenario, closed at its end; the first admin is made when there is none. */
export async function openFaces(rig: Rig, cortex: Cortex): Promise<Faces> {
  if (!existsSync(CHROMIUM))
    throw new Error(`there is no ${CHROMIUM}: apt-get install chromium, or set CHROMIUM`);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  rig.atEnd(() => browser.close());
  const stranger = (view: Partial<View> = {}) => newFace(browser, rig, cortex, view);
  let cookies: Cookie[] | null = null;
  return {
    stranger,
    async face(view) {
      const face = await stranger(view);
      if (cookies === null) await logIn(face.context, cortex);
      else await face.context.addCookies(cookies);
      cookies ??= await face.context.cookies();
      return {
        ...face,
        async close() {
          // A proof of who it is gives the session a new value, and the one before opens nothing any more.
          const last = await face.context.cookies();
          if (last.some(({ name }) => name === "__Host-cortex")) cookies = last;
          await face.close();
        },
      };
    },
  };
}

/** The token that the newest start printed: those before are dead. */
export const setupToken = (cortex: Cortex): Promise<string> =>
  until(() => [...cortex.stdout().matchAll(/\/setup#(\S+)/g)].at(-1)?.[1] ?? null, {
    what: "the setup link is printed",
    timeoutMs: 5000,
  });

/** By the API, as the forms do it: what the forms themselves do is a matter of its own scenario. */
async function logIn(context: BrowserContext, cortex: Cortex): Promise<void> {
  const send = (path: string, data: object) =>
    context.request.post(`${cortex.url}/api/v1/auth/${path}`, { data, headers: { origin: cortex.url } });
  const answer = await send("login", ADMIN);
  if (answer.ok()) return;
  const made = await send("setup", { ...ADMIN, token: await setupToken(cortex) });
  ensure(made.ok(), `the first admin could not be made: ${made.status()} ${await made.text()}`);
}

async function newFace(browser: Browser, rig: Rig, cortex: Cortex, view: Partial<View>): Promise<Face> {
  const context = await browser.newContext({
    viewport: { width: view.width ?? 1366, height: view.height ?? (view.width === 390 ? 844 : 860) },
    deviceScaleFactor: view.scale ?? 1,
    colorScheme: view.theme ?? "dark",
    locale: "en-GB",
    timezoneId: "Europe/Amsterdam",
  });
  const page = await context.newPage();
  if (view.language !== undefined)
    await page.addInitScript((chosen) => localStorage.setItem("cortex.language", chosen), view.language);
  const heard: string[] = [];
  page.on("pageerror", (error) => heard.push(`exception: ${error.message}`));
  page.on("console", (message) => {
    // The browser reports each refused answer and socket by itself; what the dashboard makes of them is what is tested.
    const own = /^Failed to load resource|WebSocket connection to/.test(message.text());
    if (message.type() === "error" && !own) heard.push(`console: ${message.text()}`);
  });
  await page.addInitScript(() => {
    const seen = ((globalThis as { violations?: string[] }).violations = []) as string[];
    document.addEventListener("securitypolicyviolation", (event) =>
      seen.push(`policy: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  const face: Face = {
    page,
    context,
    async faults() {
      const reported = await page.evaluate(
        () => (globalThis as { violations?: string[] }).violations?.splice(0) ?? [],
      );
      return [...heard.splice(0), ...reported];
    },
    async open(path) {
      await page.goto(cortex.url + path);
      await settled(page);
    },
    async shot(name) {
      const folder = join(rig.root, "tmp/face-shots");
      mkdirSync(folder, { recursive: true });
      await page.screenshot({ path: join(folder, `${name}.png`) });
    },
    close: () => context.close(),
  };
  return face;
}

/** Nothing on the page still loads. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector("#app")?.childElementCount !== 0 &&
      document.querySelector('[aria-label="Loading"], [aria-label="加载中"]') === null,
    undefined,
    { timeout: 15_000 },
  );
}

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds, one line each. */
export async function axeFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map((node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`)
        .join(" | ")}`,
  );
}

/** Pixels by which the page is wider than a window of this width. */
export async function overflowAt(page: Page, width: number): Promise<number> {
  const before = page.viewportSize()!;
  await page.setViewportSize({ width, height: before.height });
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  await page.setViewportSize(before);
  return wide;
}

/** Waits until this text can be seen. */
export const sees = (page: Page, text: string | RegExp, timeoutMs = 10_000): Promise<void> =>
  page.getByText(text).locator("visible=true").first().waitFor({ timeout: timeoutMs });
