/** A value in the address that answers at once. */
import { useSearchParams } from "@solidjs/router";
import { createEffect, createSignal, on, onCleanup, type Accessor } from "solid-js";
import { createAfterPaint } from "./after-paint.ts";

/** Every change of the address is a navigation, which costs more than a key may: it follows when typing pauses. */
const PAUSE_MS = 300;

export interface Param {
  /** As chosen or typed last; empty when there is none. */
  value: Accessor<string>;
  /** The same a frame later, for lists that follow. */
  settled: Accessor<string>;
  set(value: string): void;
}

export function createParam(name: string): Param {
  const [search, setSearch] = useSearchParams<Record<string, string>>();
  const inAddress = () => search[name] ?? "";
  const [value, setValue] = createSignal(inAddress());
  const [settled] = createAfterPaint(value);
  let timer = 0;
  const write = () => {
    timer = 0;
    setSearch({ [name]: value() === "" ? undefined : value() }, { replace: true, scroll: false });
  };
  // A link or the way back changes it from outside; while something is on its way there, that is newer.
  createEffect(on(inAddress, (text) => timer === 0 && setValue(text), { defer: true }));
  onCleanup(() => clearTimeout(timer));
  return {
    value,
    settled,
    set(next) {
      setValue(next);
      clearTimeout(timer);
      timer = window.setTimeout(write, PAUSE_MS);
    },
  };
}
