import { createSignal, For, Show } from "solid-js";
import { More } from "../../kit/more.tsx";
import { Status } from "../../kit/status.tsx";
import { Time } from "../../kit/time.tsx";
import { text } from "../../lib/i18n.ts";
import type { Result } from "../../lib/types.ts";
import { checkId, statusLook } from "./result.model.ts";

const ROWS = 25;

/** What each check said last about each target. */
export function ResultList(props: { results: Result[] }) {
  const [rows, setRows] = createSignal(ROWS);
  return (
    <>
      <ul>
        <For each={props.results.slice(0, rows())}>
          {(result) => (
            <li class="flex items-baseline gap-3 border-line px-4 py-1.75 not-last:border-b">
              <Status
                look={statusLook(result.status, text())}
                quiet={result.status === "ok"}
                class="w-22 shrink-0"
              />
              <p class="min-w-0 flex-1 sm:(flex items-baseline gap-3)">
                <span class="block shrink-0 text-sm text-muted sm:(w-32 truncate)" title={checkId(result)}>
                  {checkId(result)}
                </span>
                <span class="min-w-0 break-words sm:truncate" title={result.summary}>
                  {result.summary}
                </span>
              </p>
              <Time at={result.at} class="text-sm text-muted" />
            </li>
          )}
        </For>
      </ul>
      <Show when={props.results.length > rows()}>
        <More
          label={text().common.more(Math.min(4 * ROWS, props.results.length - rows()))}
          onMore={() => setRows(rows() + 4 * ROWS)}
        />
      </Show>
    </>
  );
}
