/** The way to each screen, with what waits there: a rail at the left, on a phone a bar at the bottom. */
import { For, Show } from "solid-js";
import { Icon } from "../kit/icon.tsx";
import { Logo } from "../kit/logo.tsx";
import { live, settings } from "../data/app.ts";
import { useHeading } from "../lib/going.ts";
import { text } from "../texts/i18n.ts";
import { SCREENS, screenOf } from "./screens.ts";

/** A number of things that wait, as a small round badge. */
function Count(props: { n: number; class?: string }) {
  return (
    <Show when={props.n > 0}>
      <span
        class={`of-now grid h-4.5 min-w-4.5 place-items-center rounded-full bg-warn-soft px-1 text-xs font-semibold text-warn ${props.class ?? ""}`}
      >
        {props.n > 99 ? "99+" : props.n}
      </span>
    </Show>
  );
}

/** What waits on a screen: everything on the fleet's, verdicts on their own. */
const waitingOn = (path: string, needs: number): number =>
  path === "/" ? needs : live.data.decisions.items.filter(({ state }) => state === "pending").length;

export function Rail(props: { needs: number }) {
  const heading = useHeading();
  const current = () => screenOf(heading.pathname)?.path;
  return (
    <aside class="sticky top-0 hidden h-dvh w-14 shrink-0 flex-col border-r border-line px-2 sm:flex lg:(w-55 px-3)">
      <a href="/" class="flex h-12 items-center gap-2.5 rounded-md px-2.5" aria-label="Cortex">
        <Logo class="size-5 shrink-0" />
        <span class="text-md font-semibold tracking-tight max-lg:sr-only">Cortex</span>
      </a>
      <nav aria-label={text().nav.main} class="mt-2 flex flex-col gap-0.5">
        <For each={SCREENS}>
          {(screen) => (
            <a
              href={screen.path}
              aria-current={current() === screen.path ? "page" : undefined}
              title={text().nav[screen.name]}
              class="relative flex h-8 items-center gap-2.5 rounded-md px-2.5 text-muted hover:(bg-hover text-ink) aria-[current]:(bg-line font-medium text-ink)"
            >
              <Icon name={screen.icon} />
              <span class="max-lg:sr-only">{text().nav[screen.name]}</span>
              <Show when={screen.path === "/" || screen.path === "/decisions"}>
                <Count
                  n={waitingOn(screen.path, props.needs)}
                  class="ml-auto max-lg:(absolute -top-1 -right-1 ml-0)"
                />
              </Show>
            </a>
          )}
        </For>
      </nav>
      <p class="mt-auto truncate px-2.5 py-4 text-sm text-faint max-lg:sr-only">{settings()?.version}</p>
    </aside>
  );
}

export function BottomBar(props: { needs: number }) {
  const heading = useHeading();
  const current = () => screenOf(heading.pathname)?.path;
  return (
    <nav
      aria-label={text().nav.main}
      class="fixed inset-x-0 bottom-0 z-10 flex h-14 border-t border-line bg-page pb-[env(safe-area-inset-bottom)] sm:hidden"
    >
      <For each={SCREENS.filter((screen) => screen.onPhone)}>
        {(screen) => (
          <a
            href={screen.path}
            aria-current={current() === screen.path ? "page" : undefined}
            class="relative flex min-w-0 flex-1 flex-col items-center justify-center gap-1 text-xs text-muted aria-[current]:text-accent"
          >
            <Icon name={screen.icon} class="size-4.5" />
            <span class="max-w-full truncate">{text().nav[screen.name]}</span>
            <Show when={screen.path === "/" || screen.path === "/decisions"}>
              <Count n={waitingOn(screen.path, props.needs)} class="absolute top-1 left-[calc(50%+6px)]" />
            </Show>
          </a>
        )}
      </For>
    </nav>
  );
}
