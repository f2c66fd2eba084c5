import { Navigate } from "@solidjs/router";
import { createSignal, Match, Show, Switch } from "solid-js";
import { createStore } from "solid-js/store";
import { Button } from "../../kit/button.tsx";
import { Field, focusFirstInvalid, FormError } from "../../kit/field.tsx";
import { errorText, Skeleton } from "../../kit/states.tsx";
import { ApiError } from "../../data/api.ts";
import { api, session } from "../../data/app.ts";
import { passwordFieldOf } from "../../lib/password-fault.model.ts";
import { Gate } from "../../shell/gate.tsx";
import { OldLink, UsedLink } from "./dead-link.tsx";
import {
  checkSetup,
  linkState,
  PASSWORD_MIN,
  tokenFrom,
  type LinkState,
  type SetupValues,
} from "./setup.model.ts";
import { text } from "./texts.ts";

/** The token leaves the address at once: it must not stay in the history or on a screenshot. */
function takeToken(): string {
  const token = tokenFrom(location.hash);
  if (location.hash !== "") history.replaceState(history.state, "", location.pathname);
  return token;
}

/** Asked before anybody fills in a form for it. */
async function examine(token: string): Promise<LinkState> {
  try {
    if (token !== "") await api.checkSetup(token);
    else if (!(await api.methods()).setup) return "used";
    return "good";
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return linkState(error.code);
  }
}

export default function SetupPage() {
  const token = takeToken();
  const [link, setLink] = createSignal<LinkState | "checking">("checking");
  const [values, setValues] = createStore<SetupValues>({ token, name: "admin", password: "", again: "" });
  const [busy, setBusy] = createSignal(false);
  const t = () => text().setup;
  void examine(token).then(setLink);

  /** A newer link was pasted; what was filled in already stays. */
  const renew = async (pasted: string) => {
    const state = await examine(pasted);
    setValues("token", pasted);
    setLink(state);
    return state;
  };

  return (
    <Show when={session.user() === null} fallback={<Navigate href={busy() ? "/welcome" : "/"} />}>
      <Switch>
        <Match when={link() === "checking"}>
          <Gate title={t().title} intro={t().intro}>
            <div class="mt-6">
              <Skeleton rows={4} rowClass="h-16" />
            </div>
          </Gate>
        </Match>
        <Match when={link() === "used"}>
          <UsedLink />
        </Match>
        <Match when={link() === "old"}>
          <OldLink onLink={renew} />
        </Match>
        <Match when={link() === "good"}>
          <Gate title={t().title} intro={t().intro}>
            <FirstAdmin
              values={values}
              onChange={(field, value) => setValues(field, value)}
              asksToken={values.token === "" || token === ""}
              busy={busy()}
              onBusy={setBusy}
              onDead={setLink}
            />
          </Gate>
        </Match>
      </Switch>
    </Show>
  );
}

function FirstAdmin(props: {
  values: SetupValues;
  onChange: (field: keyof SetupValues, value: string) => void;
  /** The link had no token. */
  asksToken: boolean;
  busy: boolean;
  onBusy: (busy: boolean) => void;
  /** The link died while the form was filled in. */
  onDead: (state: LinkState) => void;
}) {
  const [issues, setIssues] = createSignal<ReturnType<typeof checkSetup>>({});
  const [failure, setFailure] = createSignal<ApiError | null>(null);
  const t = () => text().setup;
  const refusedField = () => (failure() === null ? null : passwordFieldOf(failure()!.code));
  const issue = (field: keyof SetupValues) => {
    if (field === "password" && refusedField() === "new") return errorText(failure()!);
    const code = issues()[field];
    if (code === undefined) return undefined;
    return code === "passwordShort" ? t().passwordShort(PASSWORD_MIN) : t()[code];
  };

  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (props.busy) return;
    setIssues(checkSetup(props.values));
    if (Object.keys(issues()).length > 0) return focusFirstInvalid(form);
    props.onBusy(true);
    setFailure(null);
    try {
      const { token, name, password } = props.values;
      await session.setup(tokenFrom(token), name.trim(), password);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const state = linkState(error.code);
      if (state !== "good") return props.onDead(state);
      setFailure(error);
      queueMicrotask(() => focusFirstInvalid(form));
    } finally {
      props.onBusy(false);
    }
  };

  return (
    <form class="mt-6 flex flex-col gap-4" onSubmit={submit} noValidate>
      <Show when={props.asksToken}>
        <Field
          label={t().token}
          value={props.values.token}
          onValue={(value) => props.onChange("token", value)}
          hint={t().tokenHint}
          error={issue("token")}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
        />
      </Show>
      <Field
        label={t().name}
        value={props.values.name}
        onValue={(name) => props.onChange("name", name)}
        hint={t().nameHint}
        error={issue("name")}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        autofocus
      />
      <Field
        label={t().password}
        type="password"
        value={props.values.password}
        onValue={(password) => {
          props.onChange("password", password);
          // What was said is about another one.
          if (refusedField() !== null) setFailure(null);
        }}
        hint={t().passwordHint(PASSWORD_MIN)}
        error={issue("password")}
        autocomplete="new-password"
      />
      <Field
        label={t().again}
        type="password"
        value={props.values.again}
        onValue={(again) => props.onChange("again", again)}
        error={issue("again")}
        autocomplete="new-password"
      />
      <FormError message={failure() === null || refusedField() !== null ? null : errorText(failure()!)} />
      <Button type="submit" kind="primary" class="h-9!" busy={props.busy}>
        {t().submit}
      </Button>
      <a href="/login" class="self-center text-sm text-muted hover:text-ink">
        {t().haveAccount}
      </a>
    </form>
  );
}
