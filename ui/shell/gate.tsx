import type { JSX } from "solid-js";
import { Logo } from "../kit/logo.tsx";

/** The screen in front of the dashboard: one narrow column. */
export function Gate(props: { title: string; intro?: string; children: JSX.Element }) {
  return (
    <main class="grid min-h-dvh place-items-center px-4 py-10">
      <div class="w-full max-w-90">
        <Logo class="size-8" />
        <h1 class="mt-5 text-xl font-semibold tracking-tight">{props.title}</h1>
        <p class="mt-1 min-h-5 text-muted">{props.intro}</p>
        {props.children}
      </div>
    </main>
  );
}
