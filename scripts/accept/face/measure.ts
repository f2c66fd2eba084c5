/** What a page costs: time of its main thread, elements, memory, and how soon it answers a key. */
import type { BrowserContext, CDPSession, Page } from "playwright-core";
import { ensure } from "../lib/ensure.ts";
import { median, percentile } from "../lib/stats.ts";
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

/** From now on the page writes down how long each press and key took until the next frame. */
export const watchInteractions = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const took = ((globalThis as { took?: Map<number, number> }).took = new Map<number, number>());
    new PerformanceObserver((list) => {
      for (const { interactionId: id, duration } of list.getEntries() as PerformanceEventTiming[])
        if (id > 0) took.set(id, Math.max(duration, took.get(id) ?? 0));
    }).observe({ type: "event", durationThreshold: 16, buffered: false } as PerformanceObserverInit);
  });

/** What was written down; below 16 ms nothing is, so `presses` that left no trace count as 16. */
export async function interactionsOf(page: Page, presses: number): Promise<number[]> {
  const slow = await page.evaluate(() => [
    ...(globalThis as unknown as { took: Map<number, number> }).took.values(),
  ]);
  return [...slow, ...Array.from({ length: Math.max(0, presses - slow.length) }, () => 16)];
}

const KEYS = 20;
/** What a key costs a page of one field and no program, p95, ms: below it no page can come in this browser, at this moment. */
export async function interactionFloor(context: BrowserContext, rate: number): Promise<number> {
  const page = await context.newPage();
  await page.setContent("<input autofocus>");
  await page.locator("input").focus();
  await watchInteractions(page);
  const meter = await openMeter(page);
  await meter.slowedBy(rate, async () => {
    for (let key = 0; key < KEYS; key += 1) {
      await page.keyboard.type("x");
      await pause(150);
    }
  });
  const took = await interactionsOf(page, KEYS);
  await page.close();
  return percentile(took, 0.95);
}

/** Two frames from now everything that was asked for before is drawn. */
export const drawn = (page: Page): Promise<void> =>
  page.evaluate(
    () =>
      new Promise<void>((resolve) =>
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))),
      ),
  );
