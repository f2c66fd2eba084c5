/** What a page costs: time of its main thread, elements, memory, and how soon it answers a key. */
import type { BrowserContext, CDPSession, Page } from "playwright-core";
import { ensure } from "../lib/ensure.ts";
import { inTime, median, percentile, spread } from "../lib/stats.ts";
import { pause } from "../lib/wait.ts";

export interface Meter {
  cdp: CDPSession;
  /** CPU milliseconds of the main thread during `work`: what other programs take of the machine is not in it. */
  mainThread(work: () => Promise<unknown>): Promise<number>;
  /** A machine this many times as slow, for as long as `work` takes. */
  slowedBy<T>(rate: number, work: () => Promise<T>): Promise<T>;
  /**
   * How much longer things take than they would on this machine if nothing else ran: the middle of many short pieces of
   * work over the quickest of them, 1 to 4. Time by the clock, unlike CPU time, is judged by budgets times this.
   */
  busyness(): Promise<number>;
  /** Elements of the document. */
  elements(): Promise<number>;
  /** Bytes of JavaScript objects that are still in use. */
  heapBytes(): Promise<number>;
}

export async function openMeter(page: Page): Promise<Meter> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  const read = async (wanted: string) => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    const value = metrics.find(({ name }) => name === wanted)?.value;
    ensure(value !== undefined, `the browser has no figure named ${wanted}`);
    return value;
  };
  return {
    cdp,
    async mainThread(work) {
      const before = await read("TaskDuration");
      await work();
      return ((await read("TaskDuration")) - before) * 1000;
    },
    async slowedBy(rate, work) {
      await cdp.send("Emulation.setCPUThrottlingRate", { rate });
      try {
        return await work();
      } finally {
        await cdp.send("Emulation.setCPUThrottlingRate", { rate: 1 });
      }
    },
    async busyness() {
      const took = await page.evaluate(busyWork);
      return Math.min(4, Math.max(1, median(took) / Math.min(...took)));
    },
    elements: () => page.evaluate(() => document.querySelectorAll("*").length),
    async heapBytes() {
      await cdp.send("HeapProfiler.collectGarbage");
      return read("JSHeapUsedSize");
    },
  };
}

/** In the page: milliseconds of the same few milliseconds of work, again and again over about a second. */
async function busyWork(): Promise<number[]> {
  const took: number[] = [];
  for (let turn = 0; turn < 40; turn += 1) {
    const began = performance.now();
    const words = Array.from({ length: 6000 }, (_, index) => `${(index * 7919) % 6007} word`);
    JSON.parse(JSON.stringify(words.sort()));
    took.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return took;
}

export interface Press {
  what: string;
  /** From the press until the next frame, ms. */
  ms: number;
}

export interface Presses {
  /** Presses, gives the page `restMs` to come to rest, and writes down how long the slowest event in it took. */
  press(what: string, work: () => Promise<unknown>, restMs?: number): Promise<void>;
  readonly took: readonly Press[];
}

/** What takes less than 16 ms the browser does not tell: it counts as 16. */
const UNTOLD_MS = 16;

/** From now on the page writes down how long each press and key takes until the next frame. */
export async function watchPresses(page: Page): Promise<Presses> {
  await page.evaluate((least) => {
    const seen = globalThis as { slowest?: number };
    new PerformanceObserver((list) => {
      for (const { interactionId: id, duration } of list.getEntries() as PerformanceEventTiming[])
        if (id > 0) seen.slowest = Math.max(duration, seen.slowest ?? 0);
    }).observe({ type: "event", durationThreshold: least, buffered: false } as PerformanceObserverInit);
  }, UNTOLD_MS);
  const took: Press[] = [];
  return {
    took,
    async press(what, work, restMs = 300) {
      await work();
      await pause(restMs);
      const slowest = await page.evaluate(() => {
        const seen = globalThis as { slowest?: number };
        const told = seen.slowest;
        delete seen.slowest;
        return told;
      });
      took.push({ what, ms: slowest ?? UNTOLD_MS });
    },
  };
}

/** "median 40 ms, p95 80 ms, max 90 ms; slowest: Settings 90 ms, Checks 80 ms". */
export function spreadOf(took: readonly Press[]): string {
  const slowest = took.toSorted((a, b) => b.ms - a.ms).slice(0, 3);
  return `${spread(took.map(({ ms }) => ms))}; slowest: ${slowest.map(({ what, ms }) => `${what} ${inTime(ms)}`).join(", ")}`;
}

export const p95Of = (took: readonly Press[]): number =>
  percentile(
    took.map(({ ms }) => ms),
    0.95,
  );

const KEYS = 20;
/** What a key costs a page of one field and no program, p95, ms: below it no page can come in this browser, at this moment. */
export async function interactionFloor(context: BrowserContext, rate: number): Promise<number> {
  const page = await context.newPage();
  await page.setContent("<input autofocus>");
  await page.locator("input").focus();
  const presses = await watchPresses(page);
  const meter = await openMeter(page);
  await meter.slowedBy(rate, async () => {
    for (let key = 0; key < KEYS; key += 1) await presses.press("x", () => page.keyboard.type("x"), 150);
  });
  await page.close();
  return p95Of(presses.took);
}

/** Two frames from now everything that was asked for before is drawn. */
export const drawn = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise<void>((resolve) =>
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))),
      ),
  );
