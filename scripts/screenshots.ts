/**
 * `bun run screenshots [NAME-PART]`: pictures of the built program for README and guides, into docs/pictures. A small
 * fleet with a day behind it is seeded through the wire, the real binary opens its folder, Chromium looks at it.
 */
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { openFaces, sees } from "./accept/face/browser.ts";
import { createBinaries } from "./accept/lib/binaries.ts";
import type { Cortex } from "./accept/lib/cortex.ts";
import { createRig, type Rig } from "./accept/lib/rig.ts";
import { fail } from "./lib/say.ts";
import { rootDir } from "./lib/tree.ts";
import { idOf, seedTown } from "./screenshots/town.ts";

const MOST_BYTES = 150_000;

interface Picture {
  name: string;
  path: string;
  shows: string | RegExp;
  theme: "dark" | "light";
  width: number;
  height: number;
  act?: (page: Page) => Promise<void>;
}

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const openFirst = (name: RegExp) => (page: Page) => page.getByRole("link", { name }).first().click();

const PICTURES: Picture[] = [
  { name: "fleet-dark", path: "/", shows: "db-1.ams", theme: "dark", ...DESK },
  { name: "fleet-light", path: "/", shows: "db-1.ams", theme: "light", ...DESK },
  { name: "fleet-cards", path: "/?layout=cards&group=label:site", shows: "db-1.ams", theme: "dark", ...DESK },
  { name: "fleet-phone", path: "/", shows: "db-1.ams", theme: "dark", ...PHONE },
  { name: "node", path: `/nodes/${idOf("db-1.ams")}?range=24h`, shows: "Disk space", theme: "dark", ...DESK },
  {
    name: "problem",
    path: "/problems",
    shows: /is 93.4 % full/,
    theme: "light",
    ...DESK,
    act: openFirst(/is 93.4 % full/),
  },
  {
    name: "repair",
    path: "/timeline",
    shows: "Start nginx.service",
    theme: "dark",
    ...DESK,
    act: openFirst(/Start nginx.service/),
  },
  { name: "audit", path: "/settings/audit", shows: "Set Cortex up", theme: "light", ...DESK },
];

async function take(rig: Rig, wanted: Picture[], quantizer: string): Promise<void> {
  const dataDir = join(rig.folder, "town");
  await seedTown(dataDir, Date.now());
  const cortex = await rig.cortex({
    dataDir,
    config: {
      version: 1,
      node: { name: "monitor-1.ams", group: "monitor", labels: { site: "ams" } },
      server: { request_rate: 10_000 },
      // The fleet is not there to be heard again: nobody falls silent while the pictures are taken.
      link: { heartbeat: "30m" },
    },
  });
  await makeHistory(cortex);
  const faces = await openFaces(rig, cortex);
  const face = await faces.face({ scale: 2 });
  const folder = join(rootDir, "docs/pictures");
  mkdirSync(folder, { recursive: true });
  for (const { name, path, shows, theme, width, height, act } of wanted) {
    await face.page.setViewportSize({ width, height });
    await face.page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await face.open(path);
    await sees(face.page, shows, 15_000);
    await act?.(face.page);
    await face.page.waitForTimeout(600);
    const file = join(folder, `${name}.png`);
    await face.page.screenshot({ path: file });
    const made = await rig.run([quantizer, "--force", "--skip-if-larger", "--output", file, "64", file]);
    // 98: the picture was smaller before.
    if (made.code !== 0 && made.code !== 98) fail(`${quantizer} could not shrink ${file}: ${made.stderr}`);
    const { size } = statSync(file);
    if (size > MOST_BYTES) fail(`${file} has ${size} bytes, more than ${MOST_BYTES}.`);
    process.stdout.write(`${name}.png  ${Math.round(size / 1000)} kB\n`);
  }
}

/** Acts for the audit log to show. */
async function makeHistory(cortex: Cortex): Promise<void> {
  const password = crypto.randomUUID();
  const grants = [{ role: "operator", scope: "group:web" }];
  await cortex.api("POST", "users", { name: "bo", password, grants });
  await cortex.api("POST", "users", { name: "chen", password, role: "viewer" });
  await cortex.api("POST", "keys", { name: "grafana", role: "viewer" });
  await cortex.api("POST", "settings/autonomy", { autonomy: "ask", reason: "the move of the rack" });
  await cortex.api("POST", "settings/autonomy", { autonomy: "act", reason: "the rack has moved" });
}

const wanted = PICTURES.filter(({ name }) => name.includes(process.argv[2] ?? ""));
if (wanted.length === 0) fail(`no picture fits; there are ${PICTURES.map(({ name }) => name).join(", ")}.`);
const quantizer = Bun.which("pngquant");
if (quantizer === null) fail("pictures are made small by pngquant: apt-get install pngquant");
const rig = createRig({ label: "screenshots", quick: true, binary: createBinaries(undefined) });
try {
  await take(rig, wanted, quantizer);
} finally {
  await rig.dispose();
}
process.exit(0);
