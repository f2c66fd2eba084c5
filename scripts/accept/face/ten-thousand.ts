import { seed } from "../../bench/lib/seed.ts";
import type { Page } from "playwright-core";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import { inTime, percentile, spread } from "../lib/stats.ts";
import { pause } from "../lib/wait.ts";
import type { Scenario } from "../scenario.ts";
import { type Face, FACE_CONFIG, openFaces } from "./browser.ts";
import { crowdNode } from "./crowd.ts";
import { drawn, type Meter, openMeter } from "./measure.ts";

const NODES = 10_000;
/** Items of a page of the API. */
const PAGE = 500;
/** From the last key until rows that only the server knew are drawn, ms; elements; bytes of objects in the page. */
const BUDGET = { search: 200, elements: 1500, heapBytes: 64e6 };
/** Far down the alphabet: none of them is in what the page starts with. */
const WANTED = Array.from({ length: 12 }, (_, index) => `host-${9000 + index * 83}`);

interface Answer {
  path: string;
  items: number;
}

/** Each list that the page is sent, by either way. */
function watchAnswers(page: Page): Answer[] {
  const answers: Answer[] = [];
  page.on("response", async (response) => {
    const { pathname } = new URL(response.url());
    if (!pathname.startsWith("/api/v1/")) return;
    const body = (await response.json().catch(() => null)) as { items?: unknown[] } | null;
    if (Array.isArray(body?.items)) answers.push({ path: pathname, items: body.items.length });
  });
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => {
      const message = JSON.parse(String(payload)) as { topic?: string; items?: unknown[] };
      if (Array.isArray(message.items))
        answers.push({ path: `live ${message.topic}`, items: message.items.length });
    }),
  );
  return answers;
}

const filterOf = (page: Page) => page.getByRole("searchbox", { name: "Filter by name, group, tag" });

/** Milliseconds from the last key of a name until its row is drawn; the clock is the page's. */
async function search(page: Page, name: string): Promise<number> {
  const field = filterOf(page);
  await field.fill("");
  await drawn(page);
  await field.pressSequentially(name.slice(0, -1), { delay: 30 });
  const seen = page.evaluate(
    (wanted) =>
      new Promise<number>((resolve) => {
        let began = 0;
        addEventListener("keydown", (event) => (began = event.timeStamp), { capture: true, once: true });
        const look = () => {
          const rows = document.querySelectorAll('table[aria-label="Nodes"] tr[data-row]');
          const there = [...rows].some((row) => row.textContent?.includes(wanted));
          if (began > 0 && there) resolve(performance.now() - began);
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
    `${name}.`,
  );
  await field.press(name.slice(-1));
  return Promise.race([seen, pause(10_000).then(() => Infinity)]);
}

/** To the end of what there is, page after page, as far as anybody would scroll. */
async function scrollFar(page: Page, meter: Meter): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) {
    await meter.cdp.send("Input.synthesizeScrollGesture", {
      x: 700,
      y: 500,
      yDistance: -15_000,
      speed: 20_000,
      gestureSourceType: "mouse",
    });
    await drawn(page);
  }
}

interface Measured {
  took: number[];
  answers: Answer[];
  elements: number;
  heapBytes: number;
  busy: number;
}

async function measure(
  rig: Rig,
  prepare: (face: Face) => Promise<unknown> = async () => undefined,
): Promise<Measured> {
  const dataDir = `${rig.folder}/crowd`;
  await seed(dataDir, NODES, (index, at) => crowdNode(index, at, index % 20 === 0 ? 1 : 0));
  const link = { heartbeat: "10m", report: "15s" };
  const cortex = await rig.cortex({ dataDir, config: { ...FACE_CONFIG, link } });
  rig.say(`${NODES} nodes`);
  const faces = await openFaces(rig, cortex);
  const face = await faces.face();
  const { page } = face;
  await prepare(face);
  const answers = watchAnswers(page);
  const meter = await openMeter(page);
  await face.open("/");
  await page.getByText("10,001").first().waitFor({ state: "attached" });
  await page.waitForLoadState("networkidle");
  const took: number[] = [];
  for (const name of WANTED) took.push(await search(page, name));
  const busy = await meter.busyness();
  await filterOf(page).fill("");
  await scrollFar(page, meter);
  await face.shot("ten-thousand");
  const elements = await meter.elements();
  const heapBytes = await meter.heapBytes();
  ensureEqual(await face.faults(), [], "complaints of the page");
  return { took, answers, elements, heapBytes, busy };
}

function judge({ took, answers, elements, heapBytes, busy }: Measured): string {
  const p95 = percentile(took, 0.95);
  const largest = answers.toSorted((a, b) => b.items - a.items)[0]!;
  const figures = `key to rows ${spread(took)} on a machine ${busy.toFixed(1)} times as slow as at rest; ${answers.length} answers, the largest ${largest.items} items (${largest.path}); ${elements} elements, ${(heapBytes / 1e6).toFixed(1)} MB of objects`;
  ensure(largest.items <= PAGE, `more than a page at once: ${figures}`);
  ensure(elements <= BUDGET.elements, `more than ${BUDGET.elements} elements: ${figures}`);
  ensure(heapBytes <= BUDGET.heapBytes, `more than ${BUDGET.heapBytes / 1e6} MB: ${figures}`);
  ensure(p95 <= BUDGET.search * busy, `key to rows over ${inTime(BUDGET.search * busy)}: ${figures}`);
  return figures;
}

const scenario: Scenario = {
  name: "ten-thousand-nodes",
  quick: false,
  timeoutMs: 300_000,
  run: async (rig) => judge(await measure(rig)),
  /** A server that takes a second for each page: the search must be seen to be late. */
  control: async (rig) =>
    judge(
      await measure(rig, (face) =>
        face.page.route(/\/api\/v1\/nodes\?/, async (route) => {
          await pause(1000);
          return route.continue();
        }),
      ),
    ),
};
export default scenario;
