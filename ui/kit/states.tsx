/** The four states every list and page has: loading, empty, error, stale. */
import { createSignal, For, Match, onCleanup, Show, Switch, type JSX } from "solid-js";
import type { ApiError } from "../data/api.ts";
import { text } from "../texts/i18n.ts";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";

/** Rows of the height that the data will have, so that nothing jumps when it comes. */
export function Skeleton(props: { rows?: number; rowClass?: string }) {
  return (
    <div role="status" aria-label={text().common.loading}>
      <For each={Array.from({ length: props.rows ?? 3 })}>
        {(_, index) => (
          <div
            class={`flex items-center gap-4 border-line px-4 not-last:border-b ${props.rowClass ?? "h-10"}`}
          >
            <span class="skeleton size-3.5" />
            <span class="skeleton h-3" style={{ width: `${38 - (index() % 3) * 7}%` }} />
            <span class="skeleton ml-auto h-3 w-12" />
          </div>
        )}
      </For>
    </div>
  );
}

/** A command to run, to be copied; long ones wrap. */
export function Command(props: { line: string }) {
  const [copied, setCopied] = createSignal(false);
  const copy = async () => {
    await navigator.clipboard.writeText(props.line);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div class="inline-flex max-w-full items-center gap-1 rounded-md border border-line-strong bg-page py-0.5 pr-0.5 pl-3 text-left">
      <code class="min-w-0 py-1 break-all">{props.line}</code>
      {/* Browsers give the clipboard only to secure origins: TLS and loopback. */}
      <Show when={window.isSecureContext}>
        <Button kind="ghost" small class="w-7 px-0" onClick={copy} aria-label={text().common.copy}>
          <Icon name={copied() ? "check" : "copy"} class="size-3.5" />
        </Button>
      </Show>
    </div>
  );
}

/** Nothing here, why that is, and what to do next. */
export function Empty(props: {
  icon?: IconName;
  title: string;
  body?: string;
  command?: string;
  /** One of several on the page: half the height. */
  small?: boolean;
  children?: JSX.Element;
}) {
  return (
    <div class={`flex flex-col items-center px-4 text-center ${props.small === true ? "py-5" : "py-10"}`}>
      <Icon
        name={props.icon ?? "check-circle"}
        class={`size-5 text-faint ${props.small === true ? "mb-2" : "mb-3"}`}
      />
      <p class="font-medium">{props.title}</p>
      <Show when={props.body}>
        <p class="mt-1 max-w-96 text-muted text-balance">{props.body}</p>
      </Show>
      <Show when={props.command}>
        {(line) => (
          <div class="mt-4 max-w-full">
            <Command line={line()} />
          </div>
        )}
      </Show>
      {props.children}
    </div>
  );
}

/** The server's code in the user's language where we know it, else what the server said. */
export function errorText(error: ApiError): string {
  if (error.retryAfterS !== null) return text().common.tooMany(error.retryAfterS);
  const known: Record<string, string> = text().errors;
  return known[error.code] ?? error.message;
}

export function ErrorState(props: { error: ApiError; onRetry?: () => void }) {
  tellFailed();
  return (
    <div role="alert" class="flex flex-col items-center px-4 py-10 text-center">
      <Icon name="problem" class="mb-3 size-5 text-bad" />
      <p class="font-medium">{text().common.failed}</p>
      <p class="mt-1 max-w-96 text-muted">{errorText(props.error)}</p>
      <Show when={props.error.status >= 500 && props.error.id}>
        {(id) => <p class="mt-1 text-sm text-faint">{text().common.errorId(id())}</p>}
      </Show>
      <Show when={props.onRetry}>
        {(retry) => (
          <Button class="mt-4" onClick={() => retry()()}>
            {text().common.retry}
          </Button>
        )}
      </Show>
    </div>
  );
}

export interface QueryState {
  ready: boolean;
  error: ApiError | null;
}

const failures = new Set<object>();
const knowns = new Set<object>();
/** They are told of a moment later: while one screen gives way to another, a signal may still hold the old one's number. */
const [counts, setCounts] = createSignal({ failures: 0, knowns: 0 });

/** Nothing could be loaded for what is on the screen: there is no older state of it to be read. */
export const knowsNothing = (): boolean => counts().failures > 0 && counts().knowns === 0;

/** For as long as what calls it is on the screen. */
function counted(among: Set<object>): void {
  const one = {};
  const tell = () => queueMicrotask(() => setCounts({ failures: failures.size, knowns: knowns.size }));
  among.add(one);
  tell();
  onCleanup(() => {
    among.delete(one);
    tell();
  });
}

/** In place of what could not be loaded or drawn. */
export const tellFailed = (): void => counted(failures);

function Known(props: { children: JSX.Element }) {
  counted(knowns);
  return <div>{props.children}</div>;
}

/** Chooses between the states; data that was there stays visible when a later fetch fails. */
export function QueryView(props: {
  state: QueryState;
  isEmpty: boolean;
  skeleton?: JSX.Element;
  empty: JSX.Element;
  onRetry?: () => void;
  children: JSX.Element;
}) {
  return (
    <Switch fallback={props.skeleton ?? <Skeleton />}>
      <Match when={props.state.ready}>
        <Known>
          <Show when={!props.isEmpty} fallback={props.empty}>
            {props.children}
          </Show>
        </Known>
      </Match>
      <Match when={props.state.error}>
        {(error) => (
          <ErrorState error={error()} {...(props.onRetry === undefined ? {} : { onRetry: props.onRetry })} />
        )}
      </Match>
    </Switch>
  );
}
