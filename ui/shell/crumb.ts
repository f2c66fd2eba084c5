/** The last part of the way in the header: the name of the one thing that a screen shows, below the screen it belongs to. */
import { createRenderEffect, createSignal, onCleanup, type Accessor } from "solid-js";

const [crumb, setCrumb] = createSignal<string>();
export { crumb };

/** For as long as the caller is shown; undefined while the name is not known. */
export function showCrumb(name: Accessor<string | undefined>): void {
  createRenderEffect(() => setCrumb(name()));
  onCleanup(() => setCrumb(undefined));
}
