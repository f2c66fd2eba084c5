import { createSignal, For, Show } from "solid-js";
import { More } from "../../kit/more.tsx";
import { Status } from "../../kit/status.tsx";
import { Time } from "../../kit/time.tsx";
import type { Result } from "../../data/types.ts";
import { checkId } from "../checks/check-id.ts";
import { statusLook } from "./result.model.ts";
import { text } from "./texts.ts";

const ROWS = 25;

/** What each check said last about each target. */
export function ResultList(props: { results: Result[] }) {
  const [rows, setRows] = createSignal(ROWS);
  return (
    <>
      <ul>
        <For each={props.results.slice(0, rows())}>
          {(result) => (
            <li class="flex gap-3 border-line px-4 py-1.75 not-last:border-b">
              <Status
                look={statusLook(result.status, text())}
                quiet={result.status === "ok"}
                class="h-5 w-20 shrink-0"
              />
              <p class="min-w-0 flex-1 sm:(flex gap-3)">
                <span class="block shrink-0 text-muted sm:(w-28 truncate)" title={checkId(result)}>
                  {checkId(result)}
                </span>
                <span class="block shrink-0 break-words sm:(w-32 truncate)" title={result.target}>
                  {result.target}
                </span>
                <span class="block min-w-0 break-words text-muted">{result.summary}</span>
              </p>
              <Time at={result.at} class="shrink-0 text-sm leading-5 text-muted" />
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
