import { ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { until } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { type Face, openFaces, sees } from "./browser.ts";
import { furnish } from "./house.ts";

/** Whether the page's own files are kept by its service worker. */
const isKept = (face: Face): Promise<boolean> =>
  face.page.evaluate(async () => {
    if (navigator.serviceWorker.controller === null) return false;
    const cache = await caches.open("cortex-shell");
    const paths = (await cache.keys()).map((request) => new URL(request.url).pathname);
    return paths.includes("/index.html") && paths.some((path) => /^\/assets\/shell-.*\.js$/.test(path));
  });

/** What the browser keeps of Cortex that came from its API. */
const keptData = (face: Face): Promise<string[]> =>
  face.page.evaluate(async () => {
    const caught: string[] = [];
    for (const name of await caches.keys())
      for (const request of await (await caches.open(name)).keys())
        if (new URL(request.url).pathname.startsWith("/api")) caught.push(request.url);
    return caught;
  });

/** Visited, then opened again with the network away and the Monitor gone: what does the person see? */
async function openWithoutNetwork(rig: Rig, prepare: (face: Face) => Promise<unknown>): Promise<string> {
  const { cortex, node } = await furnish(rig);
  const faces = await openFaces(rig, cortex);
  const face = await faces.face();
  const { page } = face;
  await face.open("/");
  await sees(page, node.name);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  // The first visit was not yet in its hands.
  await face.open("/");
  await sees(page, node.name);
  await until(() => isKept(face), { what: "the dashboard's files are kept", timeoutMs: 15_000 });
  const data = await keptData(face);
  await prepare(face);
  await face.context.setOffline(true);
  await cortex.kill();
  await page.goto(cortex.url).catch(() => undefined);
  const shown = await page
    .getByText("This device has no network.")
    .waitFor({ timeout: 10_000 })
    .then(
      () => "the dashboard, which says that there is no network",
      () => "something else",
    );
  ensureEqual(shown, "the dashboard, which says that there is no network", "what is opened");
  ensureEqual(data, [], "answers of the API that the browser keeps");
  await face.shot("offline");

  await cortex.restart();
  await face.context.setOffline(false);
  await sees(page, node.name, 30_000);
  return "opened without a network from what the browser keeps, said so, and went on by itself with the network; nothing of the API is kept";
}

const scenario: Scenario = {
  name: "opens-offline",
  quick: true,
  timeoutMs: 120_000,
  run: (rig) => openWithoutNetwork(rig, async () => undefined),
  /** Without what the service worker keeps nothing can be opened. */
  control: (rig) =>
    openWithoutNetwork(rig, (face) =>
      face.page.evaluate(async () => {
        for (const name of await caches.keys()) await caches.delete(name);
      }),
    ),
};
export default scenario;
