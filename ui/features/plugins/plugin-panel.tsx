/** One plugin of one node: how it is, why it is broken, what it may do, what it provides and how it is configured. */
import { createMemo, createResource, For, Match, Show, Switch } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { Icon } from "../../kit/icon.tsx";
import { Fact, Facts, Section } from "../../kit/panel.tsx";
import { errorText, Skeleton } from "../../kit/states.tsx";
import { Status } from "../../kit/status.tsx";
import { Time } from "../../kit/time.tsx";
import { ApiError } from "../../data/api.ts";
import { api, session } from "../../data/app.ts";
import type { Check, Plugin } from "../../data/types.ts";
import { now } from "../../lib/clock.ts";
import { formatClock } from "../../lib/format.model.ts";
import { toYaml } from "../../lib/yaml.model.ts";
import { checkKey, checkLook, compareChecks } from "../checks/check.model.ts";
import { boundOf, comesBack, configOf, hasWeakCage, permissionsOf, pluginLook } from "./plugin.model.ts";
import { text } from "./texts.ts";

export function PluginPanel(props: { plugin: Plugin | undefined; onClose: () => void }) {
  return (
    <Dialog
      form="sheet"
      open={props.plugin !== undefined}
      onClose={props.onClose}
      title={props.plugin?.id ?? ""}
    >
      <Show when={props.plugin}>{(plugin) => <Body plugin={plugin()} />}</Show>
    </Dialog>
  );
}

function Body(props: { plugin: Plugin }) {
  const t = () => text().plugins;
  const c = () => text().plugins.columns;
  return (
    <div class="flex flex-col gap-6">
      <div>
        <Status look={pluginLook(props.plugin, text())} />
        <Show when={props.plugin.summary}>
          <h3 class="mt-2 text-md font-medium text-pretty">{props.plugin.summary}</h3>
        </Show>
        <Broken plugin={props.plugin} />
      </div>
      <Facts>
        <Fact name={c().node}>
          <a href={`/nodes/${props.plugin.node}`} class="text-accent hover:underline">
            {props.plugin.nodeName}
          </a>
        </Fact>
        <Fact name={c().version}>{props.plugin.version}</Fact>
        <Fact name={t().origin}>
          {props.plugin.origin === "user" ? t().origins.user : t().origins.builtIn}
        </Fact>
        <Show when={props.plugin.cage}>
          {(cage) => (
            <Fact name={t().cageName}>
              <span classList={{ "text-warn": hasWeakCage(props.plugin) }}>{cage()}</span>
            </Fact>
          )}
        </Show>
        <Fact name={t().restarts}>{props.plugin.restarts}</Fact>
        <Show when={props.plugin.lastError} fallback={<Fact name={t().lastError}>{text().common.none}</Fact>}>
          {(error) => (
            <Fact name={t().lastError}>
              <Time at={error().at} />
              <span class="text-muted"> · {error().text}</span>
            </Fact>
          )}
        </Show>
      </Facts>
      <Permissions plugin={props.plugin} />
      <Provides plugin={props.plugin} />
      <Config plugin={props.plugin} />
    </div>
  );
}

/** Why, and what happens next by itself. */
function Broken(props: { plugin: Plugin }) {
  const next = createMemo(() => comesBack(props.plugin, now()));
  const says = () => {
    const back = next();
    if (back === null) return "";
    if (back === "person") return text().plugins.onlyPerson;
    return back.inMs === 0 ? text().plugins.startsNow : text().plugins.startsIn(formatClock(back.inMs));
  };
  return (
    <>
      <Show when={props.plugin.reason}>
        {(reason) => (
          <p
            class="mt-1 text-pretty break-words"
            classList={{
              "text-bad": props.plugin.state === "broken",
              "text-muted": props.plugin.state !== "broken",
            }}
          >
            {reason()}
          </p>
        )}
      </Show>
      <Show when={next() !== null}>
        <p class="mt-2 flex items-center gap-1.5 tabular-nums">
          <Icon name={next() === "person" ? "person" : "clock"} class="size-3.5 text-muted" />
          {says()}
        </p>
      </Show>
    </>
  );
}

function Permissions(props: { plugin: Plugin }) {
  const t = () => text().plugins;
  const list = () => permissionsOf(props.plugin);
  const bound = () => boundOf(props.plugin);
  const tone = { allowed: "ok", refused: "bad", spare: "idle" } as const;
  return (
    <Section title={t().columns.may}>
      <Show when={bound()}>{(by) => <p class="mb-2 text-pretty text-muted">{t().bounds[by()]}</p>}</Show>
      <Show when={list().length > 0} fallback={<p>{t().asksNothing}</p>}>
        <ul>
          <For each={list()}>
            {(one) => (
              <li class="flex min-h-8 items-center gap-3 border-line py-1 not-last:border-b">
                <code class="min-w-0 flex-1 break-all">{one.name}</code>
                <Show when={bound() === "list"}>
                  <Badge tone={tone[one.kind]}>{t().permission[one.kind]}</Badge>
                </Show>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </Section>
  );
}

/** More checks than a node has are not asked for. */
const MOST_CHECKS = 500;

/** Its checks as they are now; what they said last is on the page of each. */
function Provides(props: { plugin: Plugin }) {
  const t = () => text().plugins;
  const [checks] = createResource(
    () => props.plugin.node,
    (node) =>
      api.list("checks", { node, limit: MOST_CHECKS }).then(
        ({ items }) => items,
        (): Check[] => [],
      ),
  );
  const known = () =>
    (checks() ?? [])
      .filter(
        ({ plugin, instance, name }) =>
          plugin === props.plugin.name &&
          instance === props.plugin.instance &&
          props.plugin.checks.includes(name),
      )
      .sort(compareChecks);
  /** Told by the plugin, and not by the node's list: it may be broken. */
  const others = () => props.plugin.checks.filter((name) => !known().some((check) => check.name === name));
  return (
    <Section title={t().columns.gives}>
      <Show
        when={props.plugin.checks.length + props.plugin.repairs.length > 0}
        fallback={<p class="text-muted">{t().givesNothing}</p>}
      >
        <Show when={!checks.loading} fallback={<Skeleton rows={2} rowClass="h-8" />}>
          <ul>
            <For each={known()}>
              {(check) => (
                <li class="flex min-h-8 items-center gap-3 border-line py-1 not-last:border-b">
                  <Status
                    look={checkLook(check, text())}
                    class="w-28 shrink-0"
                    quiet={check.status === "ok"}
                  />
                  <a
                    href={`/checks?check=${encodeURIComponent(checkKey(check))}`}
                    class="min-w-0 flex-1 break-words text-accent hover:underline"
                  >
                    {check.id}
                  </a>
                  <Show when={check.failures > 0}>
                    <span class="text-sm text-warn">
                      {text().checks.runCount(check.runs, check.failures)}
                    </span>
                  </Show>
                </li>
              )}
            </For>
            <For each={[...others(), ...props.plugin.repairs]}>
              {(name) => (
                <li class="flex min-h-8 items-center gap-3 border-line py-1 not-last:border-b">
                  <span class="w-28 shrink-0 text-muted">
                    {props.plugin.repairs.includes(name) ? t().repair : t().check}
                  </span>
                  <span class="min-w-0 flex-1 break-words">{name}</span>
                </li>
              )}
            </For>
          </ul>
        </Show>
      </Show>
    </Section>
  );
}

function Config(props: { plugin: Plugin }) {
  const t = () => text().plugins;
  const mayRead = () => session.user()?.permissions.includes("settings.read") === true;
  const [config] = createResource(
    () => (mayRead() ? props.plugin.node : false),
    async (node: string) => {
      try {
        return await api.config(node);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return error;
      }
    },
  );
  const yaml = () => {
    const known = config();
    if (known === undefined || known instanceof ApiError) return "";
    const own = configOf(known, props.plugin);
    return own === null ? "" : toYaml(own).trim();
  };
  const failure = () => {
    const known = config();
    return known instanceof ApiError ? known : null;
  };
  return (
    <Section title={t().config}>
      <Switch
        fallback={
          <pre tabIndex={0} aria-label={t().config} class="overflow-x-auto text-sm leading-5 text-muted">
            {yaml()}
          </pre>
        }
      >
        <Match when={!mayRead()}>
          <p class="text-muted">{text().nodeTab.configRole}</p>
        </Match>
        <Match when={config.loading}>
          <Skeleton rows={3} rowClass="h-6" />
        </Match>
        <Match when={failure()}>{(error) => <p class="text-muted">{errorText(error())}</p>}</Match>
        <Match when={yaml() === ""}>
          <p class="text-muted">{t().configNone}</p>
        </Match>
      </Switch>
    </Section>
  );
}
