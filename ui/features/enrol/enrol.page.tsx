/** Who belongs to this Monitor: nodes that wait to be let in, those that are, and the tokens they join with. */
import { createEffect, createSignal, For, on, Show } from "solid-js";
import { Button } from "../../kit/button.tsx";
import { Confirm } from "../../kit/confirm.tsx";
import { Field } from "../../kit/field.tsx";
import { Panel } from "../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { Table, Td, Th, Tr } from "../../kit/table.tsx";
import { Time } from "../../kit/time.tsx";
import { toast } from "../../kit/toast.tsx";
import { live } from "../../data/app.ts";
import { createLoaded } from "../../data/loaded.ts";
import type { IdentityItem, TokenItem } from "../../data/types.ts";
import { enrolment } from "./enrolment.ts";
import { type Act, openTokens, sorted } from "./enrol.model.ts";
import { NodeRow, Waiting } from "./identity-rows.tsx";
import { TokenDialog } from "./token-dialog.tsx";
import { text } from "./texts.ts";

export default function EnrolPage() {
  const t = () => text().enrol;
  const identities = createLoaded(enrolment.identities);
  const tokens = createLoaded(enrolment.tokens);
  const [adding, setAdding] = createSignal(false);
  const [asked, setAsked] = createSignal<{ act: Act | "approve" | "reject"; node: IdentityItem } | null>(
    null,
  );
  const [reason, setReason] = createSignal("");
  const [revoking, setRevoking] = createSignal<TokenItem | null>(null);
  const reload = () => {
    void identities.reload();
    void tokens.reload();
  };
  // The Monitor counts by state, live; whatever changes there is asked for again.
  const states = () => JSON.stringify(live.data.status.items[0]?.nodes ?? {});
  createEffect(on(states, reload, { defer: true }));
  const groups = () => sorted(identities.value() ?? []);
  const open = () => openTokens(tokens.value() ?? []);

  const carryOut = async () => {
    const { act, node } = asked()!;
    await (act === "revoke"
      ? enrolment.revoke(node.id, reason().trim() || t().byHand)
      : enrolment[act](node.id));
    toast(t().done[act](node.name));
    await identities.reload();
  };
  const revokeToken = async () => {
    await enrolment.removeToken(revoking()!.id);
    await tokens.reload();
  };
  const add = () => (
    <Button small icon="plus" kind="primary" onClick={() => setAdding(true)}>
      {t().add}
    </Button>
  );

  return (
    <div class="flex flex-col gap-6">
      <Show when={groups().waiting.length > 0}>
        <Panel title={t().pending} count={groups().waiting.length}>
          <For each={groups().waiting}>
            {(node) => (
              <Waiting
                node={node}
                onApprove={() => setAsked({ act: "approve", node })}
                onReject={() => setAsked({ act: "reject", node })}
              />
            )}
          </For>
        </Panel>
      </Show>
      <Panel
        title={t().members}
        count={identities.value() ? groups().others.length : undefined}
        actions={add()}
      >
        <QueryView
          state={identities.state}
          isEmpty={groups().others.length === 0}
          skeleton={<Skeleton rows={3} />}
          onRetry={reload}
          empty={<Empty icon="server" title={t().empty} body={t().emptyBody} />}
        >
          <Table
            label={t().members}
            head={
              <>
                <Th>{t().node}</Th>
                <Th class="max-md:hidden">{t().words}</Th>
                <Th class="max-sm:hidden">{t().keySince}</Th>
                <Th class="w-44">
                  <span class="sr-only">{text().common.actions}</span>
                </Th>
              </>
            }
          >
            <For each={groups().others}>
              {(node) => (
                <NodeRow
                  node={node}
                  onAct={(act) => {
                    setReason("");
                    setAsked({ act, node });
                  }}
                />
              )}
            </For>
          </Table>
        </QueryView>
      </Panel>
      <Panel title={t().tokens} count={tokens.value() ? open().length : undefined}>
        <QueryView
          state={tokens.state}
          isEmpty={open().length === 0}
          skeleton={<Skeleton rows={1} />}
          onRetry={reload}
          empty={<Empty small icon="key" title={t().noTokens} body={t().noTokensBody} />}
        >
          <Table
            label={t().tokens}
            head={
              <>
                <Th>{t().for}</Th>
                <Th>{t().used}</Th>
                <Th>{t().expires}</Th>
                <Th class="w-12">
                  <span class="sr-only">{text().common.actions}</span>
                </Th>
              </>
            }
          >
            <For each={open()}>{(token) => <TokenRow token={token} onRevoke={setRevoking} />}</For>
          </Table>
        </QueryView>
      </Panel>
      <TokenDialog open={adding()} onClose={() => setAdding(false)} onMade={reload} />
      <Confirm
        open={asked() !== null}
        title={asked() ? t().title[asked()!.act](asked()!.node.name) : ""}
        action={asked() ? t().acts[asked()!.act] : ""}
        kind={asked()?.act === "revoke" || asked()?.act === "reject" ? "danger" : "primary"}
        onClose={() => setAsked(null)}
        onConfirm={carryOut}
      >
        <p>{asked() ? t().body[asked()!.act] : ""}</p>
        <Show when={asked()?.act === "approve"}>
          <p class="mt-2 font-medium text-ink">{asked()!.node.words}</p>
        </Show>
        <Show when={asked()?.act === "revoke"}>
          <Field
            class="mt-4 text-ink"
            label={t().reason}
            hint={t().reasonHint}
            maxLength={500}
            value={reason()}
            onValue={setReason}
          />
        </Show>
      </Confirm>
      <Confirm
        open={revoking() !== null}
        title={t().revokeToken}
        action={t().acts.revoke}
        onClose={() => setRevoking(null)}
        onConfirm={revokeToken}
      >
        {t().revokeTokenBody}
      </Confirm>
    </div>
  );
}

function TokenRow(props: { token: TokenItem; onRevoke: (token: TokenItem) => void }) {
  const t = () => text().enrol;
  return (
    <Tr>
      <Td class="max-w-0 w-full">
        <p class="break-words">
          {props.token.node ?? props.token.name ?? props.token.group ?? t().anyNode}
          <Show when={props.token.autoApprove}>
            <span class="text-sm text-warn"> · {t().auto}</span>
          </Show>
        </p>
      </Td>
      <Td class="whitespace-nowrap text-sm text-muted">{t().usedOf(props.token.used, props.token.uses)}</Td>
      <Td class="whitespace-nowrap text-sm text-muted">
        <Time at={props.token.expiresAt} />
      </Td>
      <Td class="text-right">
        <Button
          small
          kind="ghost"
          icon="trash"
          aria-label={t().revokeToken}
          onClick={() => props.onRevoke(props.token)}
        />
      </Td>
    </Tr>
  );
}
