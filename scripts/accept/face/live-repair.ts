import type { Page } from "playwright-core";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import { inTime, percentile, spread } from "../lib/stats.ts";
import { until } from "../lib/wait.ts";
import { killService } from "../loop/one-repair.ts";
import type { Scenario } from "../scenario.ts";
import { type Face, openFaces, sees } from "./browser.ts";
import { furnish } from "./house.ts";

/** From the death of the service until what it means can be seen. */
const PIXEL_MS = 1000;
const SEEN_TIMEOUT_MS = 10_000;

interface Sighting {
  /** Epoch ms of the frame after it was drawn. */
  at: number;
  what: string;
}

/** In the page: writes down when problems, repairs and verifications appear, at the frame that shows them. */
function watch(): void {
  const seen = new Map<string, number>();
  (globalThis as { seen?: Map<string, number> }).seen = seen;
  const note = (what: string) => {
    if (seen.has(what)) return;
    seen.set(what, 0);
    // What is in the document now is on the screen after the next frame.
    requestAnimationFrame(() => seen.set(what, performance.timeOrigin + performance.now()));
  };
  const look = () => {
    for (const link of document.querySelectorAll<HTMLAnchorElement>("main li a")) {
      const row = link.closest("li")!.textContent ?? "";
      const query = new URL(link.href).searchParams;
      const problem = query.get("problem");
      const intent = query.get("intent");
      if (problem !== null) note(`problem ${problem}`);
      if (intent !== null) note(`repair ${intent}`);
      if (intent !== null && row.includes("Verified")) note(`verified ${intent}`);
    }
  };
  new MutationObserver(look).observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
  });
  look();
}

const sightings = async (page: Page): Promise<Sighting[]> =>
  (await page.evaluate(() => [...(globalThis as unknown as { seen: Map<string, number> }).seen])).flatMap(
    ([what, at]) => (at === 0 ? [] : [{ what, at }]),
  );

/** What this kill brought to the page: a problem, its repair, the verification. */
async function follow(face: Face, known: ReadonlySet<string>, at: number): Promise<Record<string, number>> {
  return until(
    async () => {
      const fresh = (await sightings(face.page)).filter(({ what }) => !known.has(what));
      const after = Object.fromEntries(fresh.map((one) => [one.what.split(" ")[0]!, one.at - at]));
      return "problem" in after && "repair" in after && "verified" in after ? after : null;
    },
    { what: "problem, repair and verification are on the page", timeoutMs: SEEN_TIMEOUT_MS, everyMs: 20 },
  );
}

const scenario: Scenario = {
  name: "live-repair",
  quick: true,
  timeoutMs: 300_000,
  async run(rig) {
    const kills = rig.quick ? 5 : 20;
    const house = await furnish(rig);
    const faces = await openFaces(rig, house.cortex);
    const fleet = await faces.face();
    const node = await faces.face();
    await fleet.open("/");
    await node.open(`/nodes/${house.node.id}?tab=problems`);
    // The third page shows what the tab of problems does not: the repairs.
    const repairs = await faces.face();
    await repairs.open(`/nodes/${house.node.id}?tab=repairs`);
    for (const face of [fleet, node, repairs]) {
      await sees(face.page, "Live");
      await face.page.evaluate(watch);
    }
    const pixels: number[] = [];
    const proofs: number[] = [];
    for (let kill = 1; kill <= kills; kill += 1) {
      const known = new Set((await sightings(fleet.page)).map(({ what }) => what));
      const onNode = new Set((await sightings(node.page)).map(({ what }) => what));
      const { at } = await killService(house.port);
      const after = await follow(fleet, known, at);
      pixels.push(after.problem!, after.repair!);
      proofs.push(after.verified!);
      const there = await until(
        async () =>
          (await sightings(node.page)).find(({ what }) => what.startsWith("problem") && !onNode.has(what)) ??
          null,
        { what: "the node's page shows the problem", timeoutMs: SEEN_TIMEOUT_MS },
      );
      pixels.push(there.at - at);
    }
    const verified = (await sightings(repairs.page)).filter(({ what }) => what.startsWith("verified")).length;
    ensure(verified >= kills, `the node's page shows ${verified} verified repairs after ${kills} kills`);
    for (const face of [fleet, node, repairs]) ensureEqual(await face.faults(), [], "complaints of the page");
    const p95 = percentile(pixels, 0.95);
    ensure(p95 <= PIXEL_MS, `death to pixel p95 ${inTime(p95)}, all ${spread(pixels)}`);
    return `${kills} kills, death to pixel ${spread(pixels)}; to the proof ${spread(proofs)}; no reload`;
  },
};
export default scenario;
