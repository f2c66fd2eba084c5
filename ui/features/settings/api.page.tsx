/** How programs talk to this Monitor. */
import { Fact, Facts, Panel } from "../../kit/panel.tsx";
import { Command } from "../../kit/states.tsx";
import { text } from "./texts.ts";

export default function ApiPage() {
  const t = () => text().apiPage;
  const base = `${location.origin}/api/v1`;
  return (
    <div class="flex max-w-180 flex-col gap-6">
      <Panel title={text().settingsPages.api}>
        <div class="px-4 py-4">
          <Facts>
            <Fact name={t().base}>
              <Command line={base} />
            </Fact>
            <Fact name={t().docs}>
              <Outside href="/swagger" label={t().swagger} />
              {" · "}
              <Outside href="/swagger/json" label={t().document} />
            </Fact>
            <Fact name={t().live}>
              <code class="break-all">{`${base.replace(/^http/, "ws")}/live`}</code>
            </Fact>
          </Facts>
        </div>
      </Panel>
      <Panel title={t().try}>
        <div class="flex flex-col gap-3 px-4 py-4">
          <p class="text-pretty text-muted">
            {t().tryBody}{" "}
            <a href="/settings/keys" class="text-accent underline">
              {t().makeKey}
            </a>
          </p>
          <Command line={`curl -H "Authorization: Bearer $CORTEX_KEY" ${base}/problems?state=open`} />
          <Command line={`cortex problems --json --url ${location.origin} --key $CORTEX_KEY`} />
        </div>
      </Panel>
    </div>
  );
}

/** Pages of the same server that are not part of the dashboard. */
function Outside(props: { href: string; label: string }) {
  return (
    <a href={props.href} target="_blank" rel="noreferrer" class="text-accent hover:underline">
      {props.label}
    </a>
  );
}
