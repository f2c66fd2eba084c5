/** What lies beyond a snapshot, asked for page by page into the live data: the most urgent stage first. */
import { createEffect, createSignal, on, onCleanup, type Accessor } from "solid-js";
import { ApiError } from "./api.ts";
import { api, live } from "./app.ts";

export type Stage = Record<string, string>;

const PAGE_SIZE = 500;
/** A search begins when typing pauses. */
const PAUSE_MS = 60;

export function createFurther<T extends "nodes" | "problems">(
  topic: T,
  options: {
    /** Filters of the API, one after the other. */
    stages: Accessor<readonly Stage[]>;
    /** False while everything is known anyway. */
    active: Accessor<boolean>;
  },
) {
  const [atEnd, setAtEnd] = createSignal(true);
  let turn = 0;
  let stage = 0;
  let cursor: string | undefined;
  let busy = false;
  let timer = 0;

  /** What the newest page brought: rows that were not here yet, and whether its stage goes on behind it. */
  interface Loaded {
    strangers: number;
    goesOn: boolean;
  }

  async function load(): Promise<Loaded> {
    const mine = turn;
    const wanted = options.stages()[stage];
    if (wanted === undefined) {
      setAtEnd(true);
      return { strangers: 0, goesOn: false };
    }
    const page = await api.list(topic, { ...wanted, limit: PAGE_SIZE, cursor });
    if (mine !== turn) return { strangers: 0, goesOn: false };
    const strangers = live.learn(topic, page.items as never[]);
    cursor = page.next ?? undefined;
    if (page.next === null) stage += 1;
    setAtEnd(stage >= options.stages().length);
    return { strangers, goesOn: page.next !== null };
  }

  async function run(isEnough: (loaded: Loaded) => boolean): Promise<void> {
    if (busy) return;
    busy = true;
    const mine = turn;
    try {
      while (mine === turn && stage < options.stages().length) if (isEnough(await load())) break;
    } catch (error) {
      // The connection pill tells; the next scroll or change asks again.
      if (!(error instanceof ApiError)) throw error;
    } finally {
      if (mine === turn) busy = false;
    }
  }

  createEffect(
    on([options.active, () => JSON.stringify(options.stages())], ([active]) => {
      turn += 1;
      busy = false;
      stage = 0;
      cursor = undefined;
      clearTimeout(timer);
      setAtEnd(!active);
      // Every stage but the last is short in a fleet that is not on fire: all of what needs looking at is there at once.
      const last = options.stages().length - 1;
      const isEnough = ({ goesOn }: Loaded) => goesOn || (stage >= last && last > 0);
      if (active) timer = window.setTimeout(() => void run(isEnough), PAUSE_MS);
    }),
  );
  onCleanup(() => {
    turn += 1;
    clearTimeout(timer);
  });

  return {
    atEnd,
    /** More rows, if there are any: an empty stage moves no list, and nobody would ask again. */
    more: () => void (options.active() && !atEnd() && run(({ strangers }) => strangers > 0)),
  };
}
