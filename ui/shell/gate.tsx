import type { JSX } from "solid-js";
import { Logo } from "../kit/logo.tsx";

/** The screen in front of the dashboard: one narrow column. */
export function Gate(props: {
  title: string;
  intro?: string;
  /** A word over the title. */
  above?: string;
  /** At the end of that line. */
  beside?: JSX.Element;
  wide?: boolean;
  children: JSX.Element;
}) {
  return (
    <main class="grid min-h-dvh grid-cols-[minmax(0,1fr)] place-items-center px-4 py-10">
      <div class="w-full" classList={{ "max-w-90": props.wide !== true, "max-w-130": props.wide === true }}>
        <Logo class="size-8" />
        <div class="mt-5 flex min-h-7 items-center gap-3" hidden={props.above === undefined}>
          <p class="text-sm text-faint">{props.above}</p>
          <div class="ml-auto">{props.beside}</div>
        </div>
        <h1
          class="text-xl font-semibold tracking-tight"
          classList={{ "mt-5": props.above === undefined, "mt-1": props.above !== undefined }}
        >
          {props.title}
        </h1>
        <p class="mt-1 min-h-5 text-pretty text-muted">{props.intro}</p>
        {props.children}
      </div>
    </main>
  );
}
