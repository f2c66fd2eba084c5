/** The second factors of an account: what there is, what can be added, what is missing. */
import { createSignal, For, Show } from "solid-js";
import { Badge } from "../../kit/badge.tsx";
import { Button } from "../../kit/button.tsx";
import { Confirm } from "../../kit/confirm.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { Icon } from "../../kit/icon.tsx";
import { Panel } from "../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { Time } from "../../kit/time.tsx";
import { toast } from "../../kit/toast.tsx";
import { createLoaded } from "../../data/loaded.ts";
import type { FactorItem, FactorOption } from "../../data/types.ts";
import { methodName } from "../login/factor-prompt.tsx";
import { canUsePasskeys } from "../login/webauthn.ts";
import { EnrolForm, thingName } from "./enrol-form.tsx";
import { profile } from "./profile.api.ts";
import { addable, isLastSecond, lacksBackup } from "./profile.model.ts";
import { text } from "./texts.ts";

/** Below this many, new codes are suggested. */
const FEW_CODES = 3;

export function Factors(props: { onChanged: () => void }) {
  const factors = createLoaded(profile.factors);
  const [adding, setAdding] = createSignal<FactorOption | null>(null);
  const [removing, setRemoving] = createSignal<FactorItem | null>(null);
  const t = () => text().factors;
  const items = () => factors.value()?.items ?? [];
  const methods = () => factors.value()?.methods ?? [];
  const changed = () => {
    void factors.reload();
    props.onChanged();
  };
  const remove = async () => {
    const { id, name } = removing()!;
    await profile.removeFactor(id);
    toast(t().removed(name));
    changed();
  };

  return (
    <>
      <Panel title={t().title} count={items().length || undefined}>
        <QueryView
          state={factors.state}
          isEmpty={items().length === 0}
          skeleton={<Skeleton rows={2} rowClass="h-14" />}
          onRetry={() => void factors.reload()}
          empty={<Empty small icon="shield-off" title={t().none} body={t().noneBody} />}
        >
          <ul>
            <For each={items()}>{(item) => <FactorRow item={item} onRemove={setRemoving} />}</For>
          </ul>
        </QueryView>
        <Show when={factors.value()}>
          <AddList
            options={addable(items(), methods(), canUsePasskeys())}
            has={(method) => items().some((item) => item.method === method)}
            onAdd={setAdding}
          />
        </Show>
      </Panel>
      <Show when={factors.value()?.required}>
        <Note>{t().required}</Note>
      </Show>
      <Show when={lacksBackup(items(), methods())}>
        <Note>{t().codesAdvice}</Note>
      </Show>
      <Show when={!canUsePasskeys() && methods().some(({ prompt }) => prompt === "webauthn")}>
        <Note>{t().needsName}</Note>
      </Show>
      <Dialog
        open={adding() !== null}
        onClose={() => setAdding(null)}
        title={thingName(adding()?.method ?? "")}
      >
        <Show when={adding()}>
          {(option) => (
            <EnrolForm
              option={option()}
              onDone={(item) => {
                setAdding(null);
                toast(t().added(item.name));
                changed();
              }}
            />
          )}
        </Show>
      </Dialog>
      <Confirm
        open={removing() !== null}
        title={t().removeTitle(removing()?.name ?? "")}
        action={t().remove}
        onClose={() => setRemoving(null)}
        onConfirm={remove}
      >
        {removing() !== null && isLastSecond(items(), removing()!) ? t().removeLast : t().removeBody}
      </Confirm>
    </>
  );
}

const Note = (props: { children: string }) => (
  <p class="mt-2 flex items-start gap-1.5 text-sm text-muted text-pretty">
    <Icon name="info" class="mt-0.5 size-3.5 shrink-0" />
    {props.children}
  </p>
);

function FactorRow(props: { item: FactorItem; onRemove: (item: FactorItem) => void }) {
  const t = () => text().factors;
  const left = () => (typeof props.item.about["left"] === "number" ? props.item.about["left"] : null);
  const detail = () =>
    [
      thingName(props.item.method) === props.item.name ? null : methodName(props.item.method),
      props.item.about["synced"] === true ? t().synced : null,
      typeof props.item.about["host"] === "string" ? props.item.about["host"] : null,
      left() === null ? null : t().left(left()!, Number(props.item.about["total"])),
    ].filter((part) => part !== null);
  return (
    <li class="flex min-h-14 items-center gap-3 border-b border-line px-4 py-2">
      <Icon name={props.item.kind === "backup" ? "scroll" : "key"} class="size-4 shrink-0 text-muted" />
      <div class="min-w-0 flex-1">
        <p class="flex items-center gap-2">
          <span class="truncate font-medium">{props.item.name}</span>
          <Show when={props.item.kind === "unknown"}>
            <Badge tone="warn">{t().off}</Badge>
          </Show>
          <Show when={left() !== null && left()! < FEW_CODES}>
            <Badge tone="warn">{t().fewLeft}</Badge>
          </Show>
        </p>
        <p class="truncate text-sm text-muted">
          <For each={detail()}>{(part) => <>{part} · </>}</For>
          <Show when={props.item.lastUsedAt} fallback={t().neverUsed}>
            {(at) => (
              <>
                {t().used} <Time at={at()} />
              </>
            )}
          </Show>
        </p>
      </div>
      <Button small aria-label={t().removeName(props.item.name)} onClick={() => props.onRemove(props.item)}>
        {t().remove}
      </Button>
    </li>
  );
}

function AddList(props: {
  options: FactorOption[];
  has: (method: string) => boolean;
  onAdd: (option: FactorOption) => void;
}) {
  const t = () => text().factors;
  const about = (method: string): string => t().about[method] ?? "";
  const isRenewal = ({ kind, method }: FactorOption) => kind === "backup" && props.has(method);
  return (
    <ul class="bg-page">
      <For each={props.options}>
        {(option) => (
          <li class="flex min-h-14 items-center gap-3 border-line px-4 py-2 not-last:border-b">
            <div class="min-w-0 flex-1">
              <p class="font-medium">{thingName(option.method)}</p>
              <p class="text-sm text-muted text-pretty">{about(option.method)}</p>
            </div>
            <Button
              small
              icon="plus"
              aria-label={isRenewal(option) ? t().renew : t().addName(methodName(option.method))}
              onClick={() => props.onAdd(option)}
            >
              {isRenewal(option) ? t().renew : t().add}
            </Button>
          </li>
        )}
      </For>
    </ul>
  );
}
