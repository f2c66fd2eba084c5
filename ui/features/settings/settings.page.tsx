/** The frame of the settings: pages at the left, on a phone a list that leads to them. */
import { useParams } from "@solidjs/router";
import { createMemo, For, Show, Suspense } from "solid-js";
import { Dynamic } from "solid-js/web";
import { Icon } from "../../kit/icon.tsx";
import { Skeleton } from "../../kit/states.tsx";
import { session } from "../../data/app.ts";
import NotFoundPage from "../../shell/not-found.page.tsx";
import { SCREENS } from "../../shell/screens.ts";
import { SETTINGS_PAGES, type SettingsPage } from "./pages.ts";
import { text } from "./texts.ts";

export default function SettingsScreen() {
  const params = useParams<{ page?: string }>();
  const pages = () => SETTINGS_PAGES.filter((one) => one.admin !== true || session.user()?.role === "admin");
  /** Without a name in the address: the first one, which a phone shows only when asked to. */
  const current = createMemo(() => pages().find((one) => one.id === (params.page ?? pages()[0]?.id)));
  const isList = () => params.page === undefined;
  return (
    <Show when={current()} fallback={<NotFoundPage />}>
      {(shown) => (
        <div class="grid gap-x-10 md:grid-cols-[176px_minmax(0,1fr)]">
          <div class={isList() ? "" : "max-md:hidden"}>
            <OtherScreens />
            <PageNav pages={pages()} current={shown()} />
          </div>
          <div class="min-w-0" classList={{ "max-md:hidden": isList() }}>
            <a href="/settings" class="mb-4 inline-flex min-h-6 items-center gap-1.5 text-muted md:hidden">
              <Icon name="arrow-left" class="size-3.5" />
              {text().nav.settings}
            </a>
            <Suspense fallback={<Skeleton rows={4} />}>
              <Dynamic component={shown().page} />
            </Suspense>
          </div>
        </div>
      )}
    </Show>
  );
}

const LINK =
  "flex items-center gap-2.5 text-muted hover:(bg-hover text-ink) md:(h-8 rounded-md px-2.5 aria-[current]:(bg-line font-medium text-ink)) max-md:(h-12 border-line px-4 text-ink not-last:border-b)";

const LIST = "max-md:(overflow-hidden rounded-lg border border-line bg-surface)";

/** The bottom bar of a phone has five places: the screens that found none come first. No landmark: the bar is the one. */
function OtherScreens() {
  return (
    <div class={`mb-4 sm:hidden ${LIST}`}>
      <For each={SCREENS.filter(({ onPhone }) => !onPhone)}>
        {(screen) => (
          <a href={screen.path} class={LINK}>
            <Icon name={screen.icon} />
            {text().nav[screen.name]}
            <Icon name="chevron-right" class="ml-auto size-4 text-faint" />
          </a>
        )}
      </For>
    </div>
  );
}

function PageNav(props: { pages: readonly SettingsPage[]; current: SettingsPage }) {
  return (
    <nav aria-label={text().nav.settings} class={`flex flex-col md:(sticky top-17 gap-0.5) ${LIST}`}>
      <For each={props.pages}>
        {(one) => (
          <a
            href={`/settings/${one.id}`}
            aria-current={one.id === props.current.id ? "page" : undefined}
            class={LINK}
          >
            <Icon name={one.icon} />
            {text().settingsPages[one.id]}
            <Icon name="chevron-right" class="ml-auto size-4 text-faint md:hidden" />
          </a>
        )}
      </For>
    </nav>
  );
}
