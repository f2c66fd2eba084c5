import { ErrorBoundary, type JSX } from "solid-js";
import { Button } from "../kit/button.tsx";
import { Empty, tellFailed } from "../kit/states.tsx";
import { text } from "../texts/i18n.ts";

/** A screen that could not be loaded or drawn takes nothing else with it: navigation and header stay. */
export function ScreenGuard(props: { children: JSX.Element }) {
  return <ErrorBoundary fallback={() => <Broken />}>{props.children}</ErrorBoundary>;
}

function Broken() {
  tellFailed();
  return (
    <div role="alert">
      <Empty icon="problem" title={text().guardScreen.title} body={text().guardScreen.body}>
        <Button kind="primary" class="mt-4" onClick={() => location.reload()}>
          {text().guardScreen.reload}
        </Button>
      </Empty>
    </div>
  );
}
