import { Navigate, Route, Router, useParams } from "@solidjs/router";
import { createEffect, lazy } from "solid-js";
import { isStale, live } from "./data/app.ts";
import { whenIdle } from "./lib/idle.ts";
import Shell from "./shell/shell.tsx";

const Login = lazy(() => import("./features/login/login.page.tsx"));
const Enrol = lazy(() => import("./features/login/enrol.page.tsx"));
const Setup = lazy(() => import("./features/setup/setup.page.tsx"));
const Welcome = lazy(() => import("./features/welcome/welcome.page.tsx"));
const Fleet = lazy(() => import("./features/fleet/fleet.page.tsx"));
const Node = lazy(() => import("./features/nodes/node.page.tsx"));
const Decisions = lazy(() => import("./features/decisions/decisions.page.tsx"));
const Problems = lazy(() => import("./features/problems/problems.page.tsx"));
const Timeline = lazy(() => import("./features/intents/timeline.page.tsx"));
const Checks = lazy(() => import("./features/checks/checks.page.tsx"));
const Plugins = lazy(() => import("./features/plugins/plugins.page.tsx"));
const Settings = lazy(() => import("./features/settings/settings.page.tsx"));
const Profile = lazy(() => import("./features/profile/profile.page.tsx"));
const Wall = lazy(() => import("./features/wall/wall.page.tsx"));
const NotFound = lazy(() => import("./shell/not-found.page.tsx"));

// The home screen is fetched while the session is still being asked for.
if (location.pathname === "/") void Fleet.preload();

/** Fetched when nothing else is to do: going there is then at once, also while the Monitor is away. */
const SOON = [Node, Decisions, Problems, Timeline, Checks, Plugins, Settings, Fleet];

/** One after the other: all at once they are a task that a press would wait for. */
function preloadFrom(place: number): void {
  void SOON[place]
    ?.preload()
    .catch(() => undefined)
    .then(() => whenIdle(() => preloadFrom(place + 1)));
}

/** Links in alerts name one thing; on the screen it opens in the panel over its list. */
const toPanel = (list: string, kind: string) => () => {
  const params = useParams();
  return <Navigate href={`${list}?${kind}=${params.id}`} />;
};

export function App() {
  createEffect(() => live.data.nodes.ready && whenIdle(() => preloadFrom(0)));
  createEffect(() => document.documentElement.toggleAttribute("data-old", isStale()));
  return (
    <Router scrollRestoration>
      <Route path="/login" component={Login} />
      <Route path="/second-factor" component={Enrol} />
      <Route path="/setup" component={Setup} />
      <Route path="/welcome" component={Welcome} />
      <Route path="/" component={Shell}>
        <Route path="/" component={Fleet} />
        <Route path="/nodes/:id" component={Node} />
        <Route path="/decisions/:id?" component={Decisions} />
        <Route path="/problems" component={Problems} />
        <Route path="/problems/:id" component={toPanel("/problems", "problem")} />
        <Route path="/timeline" component={Timeline} />
        <Route path="/intents/:id" component={toPanel("/timeline", "intent")} />
        <Route path="/checks" component={Checks} />
        <Route path="/plugins" component={Plugins} />
        <Route path="/settings/:page?" component={Settings} />
        <Route path="/profile" component={Profile} />
        <Route path="/wall" component={Wall} />
        <Route path="*" component={NotFound} />
      </Route>
    </Router>
  );
}
