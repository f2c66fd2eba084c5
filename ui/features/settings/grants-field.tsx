/** What somebody may do, and where: a row per grant. None means nothing. */
import { createUniqueId, For, Index, Show } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { Icon } from "../../kit/icon.tsx";
import { Select } from "../../kit/select.tsx";
import { live } from "../../data/app.ts";
import type { Grant } from "../../data/types.ts";
import { USER_ROLES } from "./accounts.ts";
import { type GrantRow, isIncomplete, type Place, PLACES } from "./grants.model.ts";
import { text } from "./texts.ts";

export function GrantsField(props: {
  rows: readonly GrantRow[];
  /** Whether to say what is missing. */
  tried: boolean;
  onChange: (rows: GrantRow[]) => void;
}) {
  const t = () => text().grants;
  const change = (at: number, part: Partial<GrantRow>) =>
    props.onChange(props.rows.map((row, index) => (index === at ? { ...row, ...part } : row)));
  return (
    <fieldset>
      <legend class="mb-1.5 font-medium">{t().legend}</legend>
      <ul class="flex flex-col gap-2">
        <Index each={props.rows}>
          {(row, at) => (
            <li class="flex flex-wrap items-start gap-2">
              <Select
                small
                class="w-26"
                label={text().people.role}
                options={USER_ROLES.map((id) => ({ id, label: text().account.roles[id] }))}
                value={row().role}
                onChoose={(role) => change(at, { role })}
              />
              <Select
                small
                class="w-28"
                label={t().place}
                options={PLACES.map((id) => ({ id, label: t().places[id] }))}
                value={row().place}
                onChoose={(place) => change(at, { place, value: "" })}
              />
              <Show when={row().place !== "tree"}>
                <ScopeValue
                  row={row()}
                  wrong={props.tried && isIncomplete(row())}
                  onValue={(value) => change(at, { value })}
                />
              </Show>
              <Button
                small
                kind="ghost"
                class="ml-auto w-7 px-0"
                aria-label={t().remove}
                onClick={() => props.onChange(props.rows.filter((_, index) => index !== at))}
              >
                <Icon name="x" class="size-3.5" />
              </Button>
            </li>
          )}
        </Index>
      </ul>
      <p class="mt-2 text-sm text-muted">
        {props.rows.length === 0 ? t().nothing : text().people.roles[highest(props.rows)]}
      </p>
      <Button
        small
        icon="plus"
        class="mt-2"
        onClick={() => props.onChange([...props.rows, { role: "viewer", place: "tree", value: "" }])}
      >
        {t().add}
      </Button>
    </fieldset>
  );
}

const highest = (rows: readonly GrantRow[]): Grant["role"] =>
  USER_ROLES.findLast((role) => rows.some((row) => row.role === role)) ?? "viewer";

function ScopeValue(props: { row: GrantRow; wrong: boolean; onValue: (value: string) => void }) {
  const t = () => text().grants;
  const list = createUniqueId();
  const known = (place: Place): string[] => {
    const nodes = live.data.nodes.items;
    if (place === "group") return [...new Set(nodes.flatMap((node) => node.group ?? []))].sort();
    const labels = nodes.flatMap((node) =>
      Object.entries(node.labels).map(([name, value]) => `${name}=${value}`),
    );
    return [...new Set(labels)].sort();
  };
  return (
    <Show
      when={props.row.place === "subtree"}
      fallback={
        <span class="min-w-26 flex-1">
          <input
            aria-label={t().places[props.row.place]}
            aria-invalid={props.wrong}
            list={list}
            value={props.row.value}
            placeholder={props.row.place === "label" ? "site=ams" : "web"}
            onInput={(event) => props.onValue(event.currentTarget.value)}
            class="h-7 w-full rounded-md border bg-page px-2 text-lg placeholder:text-faint sm:text-sm"
            classList={{ "border-bad": props.wrong, "border-line-strong": !props.wrong }}
          />
          <datalist id={list}>
            <For each={known(props.row.place)}>{(value) => <option value={value} />}</For>
          </datalist>
        </span>
      }
    >
      <Select
        small
        class="min-w-26 flex-1"
        label={t().places.subtree}
        options={[
          { id: "", label: t().chooseNode },
          ...live.data.nodes.items.map((node) => ({ id: node.id, label: node.name })),
        ]}
        value={props.row.value}
        onChoose={props.onValue}
      />
    </Show>
  );
}
