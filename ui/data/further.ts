/** What lies beyond a snapshot, asked for page by page into the live data: the most urgent stage first. */
import { createEffect, createSignal, on, onCleanup, type Accessor } from "solid-js";
import { ApiError } from "./api.ts";
import { api, live } from "./app.ts";

export type Stage = Record<string, string>;

const PAGE_SIZE = 500;
/** Of a search the best are wanted soon; its further pages come as the list is scrolled. */
const SEARCH_SIZE = 100;
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
  /** How far each list without a search was asked for: what is here stays here, so that clearing a search asks for nothing. */
  const progress = new Map<string, { stage: number; cursor: string | undefined }>();
  let key = "";
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
    const page = await api.list(topic, {
      ...wanted,
      limit: wanted.text === undefined ? PAGE_SIZE : SEARCH_SIZE,
      cursor,
    });
    if (mine !== turn) return { strangers: 0, goesOn: false };
    const strangers = live.learn(topic, page.items as never[]);
    cursor = page.next ?? undefined;
    if (page.next === null) stage += 1;
    if (wanted.text === undefined) progress.set(key, { stage, cursor });
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
    on([options.active, () => JSON.stringify(options.stages())], ([active, stages]) => {
      turn += 1;
      busy = false;
      key = stages;
      const known = progress.get(key);
      stage = known?.stage ?? 0;
      cursor = known?.cursor;
      clearTimeout(timer);
      setAtEnd(!active || stage >= options.stages().length);
      // Every stage but the last is short in a fleet that is not on fire: all of what needs looking at is there at once.
      const last = options.stages().length - 1;
      const isEnough = ({ goesOn }: Loaded) => goesOn || (stage >= last && last > 0);
      if (active && known === undefined) timer = window.setTimeout(() => void run(isEnough), PAUSE_MS);
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
