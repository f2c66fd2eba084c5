/** Every intent, newest first: what was wished, how far it came, what came of it. */
import { createMemo } from "solid-js";
import { Panel } from "../../kit/panel.tsx";
import { Empty, QueryView, Skeleton } from "../../kit/states.tsx";
import { live } from "../../lib/app.ts";
import { now } from "../../lib/clock.ts";
import { text } from "../../lib/i18n.ts";
import { IntentList } from "./intent-list.tsx";
import { compareIntents } from "./intent.model.ts";

const ROWS = 50;

export default function TimelinePage() {
  const intents = createMemo(() => live.data.intents.items.toSorted(compareIntents));
  return (
    <Panel title={text().intent.list} count={live.data.intents.ready ? intents().length : undefined}>
      <QueryView
        state={live.data.intents}
        stale={["stale", "offline"].includes(live.connection(now()).kind)}
        isEmpty={intents().length === 0}
        skeleton={<Skeleton rows={6} rowClass="h-14" />}
        onRetry={live.refresh}
        empty={
          <Empty
            icon="wrench"
            title={text().intent.empty}
            body={text().intent.emptyBody}
            command={text().intent.emptyCommand}
          />
        }
      >
        <IntentList intents={intents()} rows={ROWS} />
      </QueryView>
    </Panel>
  );
}
