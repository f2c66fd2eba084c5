/** How the list is laid out: table or cards, order, groups, density, columns; kept in the address, and for oneself. */
import { For, Show } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { CheckField } from "../../kit/check-field.tsx";
import { Choice } from "../../kit/choice.tsx";
import { Dropdown } from "../../kit/dropdown.tsx";
import { Select } from "../../kit/select.tsx";
import { toast } from "../../kit/toast.tsx";
import { isNarrow } from "../../lib/media.ts";
import { COLUMNS, DEFAULT_VIEW, type Column, type FleetView, LAYOUTS, SORTS } from "./fleet-view.model.ts";
import { keepView } from "./kept-view.ts";
import { text } from "./texts.ts";

export function ViewMenu(props: {
  view: FleetView;
  /** Names of labels to group by. */
  labels: string[];
  /** False where only a part of the fleet is here. */
  canSort: boolean;
  onChange: (view: FleetView) => void;
}) {
  const t = () => text().fleet.view;
  const change = (part: Partial<FleetView>) => props.onChange({ ...props.view, ...part });
  const toggle = (column: Column, shown: boolean) =>
    change({
      hidden: shown ? props.view.hidden.filter((one) => one !== column) : [...props.view.hidden, column],
    });
  const groups = () => [
    ...(["none", "group", "state", "system"] as const).map((id) => ({
      id: id as string,
      label: t().groups[id],
    })),
    ...props.labels.map((name) => ({ id: `label:${name}`, label: t().byLabel(name) })),
  ];
  const keep = () => {
    keepView(props.view);
    // What is kept is the default from now on: the address needs to say nothing.
    props.onChange(props.view);
    toast(t().kept);
  };
  const reset = () => {
    keepView(DEFAULT_VIEW);
    props.onChange(DEFAULT_VIEW);
  };

  return (
    <Dropdown label={t().open} icon="columns">
      <div class="flex flex-col gap-4 px-4 py-4">
        <Show when={!isNarrow()}>
          <Choice
            label={t().layout}
            options={LAYOUTS.map((id) => ({
              id,
              label: t().layouts[id],
              icon: id === "table" ? ("list" as const) : ("cards" as const),
            }))}
            value={props.view.layout}
            onChoose={(layout) => change({ layout })}
          />
        </Show>
        <Show when={props.canSort}>
          <Select
            label={t().sort}
            options={SORTS.map((id) => ({ id, label: t().sorts[id] }))}
            value={props.view.sort}
            onChoose={(sort) => change({ sort, reverse: false })}
          />
          <CheckField
            label={t().reverse}
            checked={props.view.reverse}
            onChange={(reverse) => change({ reverse })}
          />
        </Show>
        <Select
          label={t().group}
          options={groups()}
          value={props.view.group}
          onChoose={(group) => change({ group })}
        />
        <Show when={!isNarrow() && props.view.layout === "table"}>
          <Choice
            label={t().density}
            options={[
              { id: "0", label: t().roomy },
              { id: "1", label: t().dense },
            ]}
            value={props.view.dense ? "1" : "0"}
            onChoose={(dense) => change({ dense: dense === "1" })}
          />
          <fieldset>
            <legend class="mb-1.5 font-medium">{t().columns}</legend>
            <div class="grid grid-cols-2 gap-x-3 gap-y-1">
              <For each={COLUMNS}>
                {(column) => (
                  <CheckField
                    label={text().fleet.columns[column]}
                    checked={!props.view.hidden.includes(column)}
                    onChange={(shown) => toggle(column, shown)}
                  />
                )}
              </For>
            </div>
          </fieldset>
        </Show>
      </div>
      <div class="flex gap-2 border-t border-line p-3">
        <Button small class="flex-1" onClick={keep}>
          {t().keep}
        </Button>
        <Button small kind="ghost" onClick={reset}>
          {t().reset}
        </Button>
      </div>
    </Dropdown>
  );
}
