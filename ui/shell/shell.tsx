/** The frame around every screen: navigation, header, the panel for details. Only for people who are logged in. */
import { Navigate, useLocation } from "@solidjs/router";
import {
  createEffect,
  createMemo,
  createRenderEffect,
  createSignal,
  lazy,
  Match,
  on,
  onCleanup,
  Show,
  Suspense,
  Switch,
  type JSX,
} from "solid-js";
import { needCount, needs } from "../features/fleet/needs.ts";
import { Button } from "../kit/button.tsx";
import { Icon } from "../kit/icon.tsx";
import { Command, Skeleton } from "../kit/states.tsx";
import { Toasts } from "../kit/toast.tsx";
import { live, loadSettings, session } from "../data/app.ts";
import { text } from "../texts/i18n.ts";
import { goAfterPaint } from "../lib/going.ts";
import { whenIdle } from "../lib/idle.ts";
import { asking } from "../lib/who-it-is.ts";
import { enrolPath, loginPath } from "../lib/navigation.model.ts";
import { AccountMenu } from "./account-menu.tsx";
import { AutonomySwitch, RepairsOffBanner } from "./autonomy-switch.tsx";
import { ConnectionPill, StaleBanner } from "./connection-pill.tsx";
import { crumb } from "./crumb.ts";
import { detailOf } from "./detail.model.ts";
import { InsecureBanner } from "./insecure-banner.tsx";
import { followSession, SessionNotice } from "./session-notice.tsx";
import { ScreenGuard } from "./screen-guard.tsx";
import { screenOf, WALL, type Screen } from "./screens.ts";
import { tellNews } from "./news.ts";
import { BottomBar, Rail } from "./navigation.tsx";
import { PaletteDoor } from "./palette-door.tsx";
import { Shortcuts } from "./shortcuts.tsx";
import { UpdateBanner } from "./update-banner.tsx";

const Reauthenticate = lazy(() => import("../features/login/reauthenticate.tsx"));
const DetailPanel = lazy(() => import("./detail-panel.tsx"));

export default function Shell(props: { children?: JSX.Element }) {
  const location = useLocation();
  const outWith = () => {
    const state = session.state();
    return state.kind === "out" && state;
  };
  const mustEnrol = () => {
    const state = session.state();
    return state.kind === "in" && state.mustEnrol;
  };
  return (
    <Switch>
      <Match when={outWith()}>
        {(out) => <Navigate href={loginPath(location.pathname + location.search, out().why)} />}
      </Match>
      <Match when={session.state().kind === "unreachable"}>
        <Unreachable />
      </Match>
      <Match when={mustEnrol()}>
        <Navigate href={enrolPath(location.pathname + location.search)} />
      </Match>
      <Match when={session.state().kind === "in"}>
        <Show when={location.pathname !== WALL} fallback={<Bare>{props.children}</Bare>}>
          <Frame>{props.children}</Frame>
        </Show>
      </Match>
    </Switch>
  );
}

/** What every screen lives on: the data, the session, and the name of the browser's tab. */
function follow(): void {
  const location = useLocation();
  goAfterPaint();
  live.start();
  onCleanup(live.stop);
  followSettings();
  followSession();
  createRenderEffect(() => {
    const screen = screenOf(location.pathname);
    const name = screen === undefined ? "" : `${crumb() ?? text().nav[screen.name]} · `;
    document.title = `${needCount() > 0 ? `(${needCount()}) ` : ""}${name}Cortex`;
    const urgent = needs().some((need) => need.tone === "bad");
    document
      .querySelector('link[rel="icon"]')
      ?.setAttribute("href", urgent ? "/favicon-alert.svg" : "/favicon.svg");
  });
}

/** Without a frame: a screen that nobody sits at. */
function Bare(props: { children?: JSX.Element }) {
  follow();
  return (
    <>
      <Suspense>{props.children}</Suspense>
      <SessionNotice />
    </>
  );
}

function Frame(props: { children?: JSX.Element }) {
  const location = useLocation();
  const detail = () => detailOf(location.query);
  follow();
  createEffect(() => live.data.nodes.ready && whenIdle(() => DetailPanel.preload().catch(() => undefined)));
  tellNews();

  return (
    <div class="flex min-h-dvh">
      <a
        href="#content"
        target="_self"
        class="sr-only focus:(not-sr-only fixed top-2 left-2 z-50 rounded-md bg-raised px-3 py-2)"
      >
        {text().common.skip}
      </a>
      <Rail needs={needCount()} />
      <div class="flex min-w-0 flex-1 flex-col pb-14 sm:pb-0">
        <Header />
        <InsecureBanner />
        <StaleBanner />
        <UpdateBanner />
        <RepairsOffBanner />
        <main
          id="content"
          tabIndex={-1}
          class="mx-auto w-full max-w-360 flex-1 px-4 py-5 outline-none sm:px-6"
        >
          <ScreenGuard>
            <Suspense fallback={<Skeleton rows={6} />}>{props.children}</Suspense>
          </ScreenGuard>
        </main>
      </div>
      <BottomBar needs={needCount()} />
      <Suspense>
        <Show when={detail()}>
          <DetailPanel />
        </Show>
      </Suspense>
      <Suspense>
        <Show when={asking()}>
          <Reauthenticate />
        </Show>
      </Suspense>
      <Shortcuts />
      <SessionNotice />
      <Toasts />
    </div>
  );
}

/** Asked for once, and again when the Monitor says that its master switch or its version changed. */
function followSettings() {
  const said = createMemo(() => {
    const status = live.data.status.items[0];
    return status === undefined ? null : `${status.repairs} ${status.version}`;
  });
  void loadSettings();
  createEffect(on(said, (now, before) => typeof before === "string" && now !== before && loadSettings()));
}

function Header() {
  const location = useLocation();
  const screen = () => screenOf(location.pathname);
  return (
    <header class="sticky top-0 z-10 flex h-12 shrink-0 items-center gap-2 border-b border-line bg-page px-4 sm:px-6">
      <Show
        when={screen()}
        fallback={<h1 class="mr-auto truncate text-md font-semibold">{text().notFound.title}</h1>}
      >
        {(known) => <Way screen={known()} />}
      </Show>
      <PaletteDoor />
      <ConnectionPill />
      <AutonomySwitch />
      <AccountMenu />
    </header>
  );
}

/** The screen's name, or the way from the screen to the one thing of it that is shown. */
function Way(props: { screen: Screen }) {
  const name = () => text().nav[props.screen.name];
  return (
    <Show when={crumb()} fallback={<h1 class="mr-auto truncate text-md font-semibold">{name()}</h1>}>
      {(part) => (
        <nav aria-label={text().nav.way} class="mr-auto flex min-w-0 items-center gap-1.5 text-md">
          <a href={props.screen.path} class="-ml-1 shrink-0 rounded-sm px-1 text-muted hover:text-ink">
            {name()}
          </a>
          <Icon name="chevron-right" class="size-3.5 shrink-0 text-faint" />
          <h1 aria-current="page" class="truncate font-semibold">
            {part()}
          </h1>
        </nav>
      )}
    </Show>
  );
}

/** Nobody knows whether we are logged in: ask again by itself. */
function Unreachable() {
  const [isOnline, setOnline] = createSignal(navigator.onLine);
  const look = () => setOnline(navigator.onLine);
  for (const event of ["online", "offline"]) {
    addEventListener(event, look);
    onCleanup(() => removeEventListener(event, look));
  }
  const timer = setInterval(session.check, 5000);
  onCleanup(() => clearInterval(timer));
  return (
    <main class="grid min-h-dvh place-items-center p-4">
      <div class="flex max-w-96 flex-col items-center text-center" role="alert">
        <Icon name="offline" class="mb-3 size-5 text-bad" />
        <h1 class="text-md font-semibold">{text().unreachable.title}</h1>
        <p class="mt-1 mb-4 text-muted">
          {isOnline() ? text().unreachable.body : text().unreachable.offline}
        </p>
        <Show when={isOnline()}>
          <Command line={text().unreachable.command} />
        </Show>
        <Button class="mt-4" onClick={() => void session.check()}>
          {text().common.retry}
        </Button>
      </div>
    </main>
  );
}
