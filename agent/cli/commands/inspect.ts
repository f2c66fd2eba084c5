import { CortexError } from "cortex";
import { createLog } from "../../../core/ports/log.ts";
import { builtins } from "../../../plugins/index.gen.ts";
import { exitCodeOf, type InspectionAnswer, inspectOnce } from "../../inspect.ts";
import { createSystemPorts } from "../../ports.ts";
import { loadSettings } from "../../settings.ts";
import { command } from "../command.ts";
import { clean, paint, print, printJson, state, table } from "../output.ts";

export default command({
  name: "inspect",
  description:
    "Inspect this host once and print what was found. Needs no daemon, network, configuration or data folder.",
  args: {
    json: { type: "boolean", description: "Print JSON." },
    config: { type: "string", description: "Configuration file.", valueHint: "FILE" },
    all: { type: "boolean", description: "Also list what was skipped, one by one." },
  },
  async run(args) {
    const settings = loadSettings({ config: args.config });
    const answer = await inspectOnce({
      config: settings.config,
      instances: settings.instances,
      definitions: builtins,
      ports: createSystemPorts(settings.config),
      log: createLog({ level: "error", format: "text", redact: settings.secrets.redact }),
    });
    if (answer.results.length === 0 && answer.skipped.length === 0)
      throw new CortexError("inspect.nothing", "unavailable", "no check is active; see `cortex config show`");
    if (args.json) printJson(answer);
    else show(answer, args.all === true);
    return exitCodeOf(answer.results);
  },
});

const WORST_FIRST = ["critical", "unknown", "warning", "ok"];

function show(answer: InspectionAnswer, all: boolean): void {
  const results = answer.results.toSorted(
    (a, b) => WORST_FIRST.indexOf(a.status) - WORST_FIRST.indexOf(b.status) || a.check.localeCompare(b.check),
  );
  const rows = results.map((result) => [
    state(result.status) + (result.observe ? paint(" (observed)", "dim") : ""),
    result.check,
    clean(result.target, 40),
    clean(result.summary, 90),
  ]);
  print(table(["STATUS", "CHECK", "TARGET", "SUMMARY"], rows));
  if (answer.skipped.length > 0 && all) {
    print("");
    print(
      table(
        ["SKIPPED", "TARGET", "REASON"],
        answer.skipped.map((one) => [one.check, clean(one.target ?? "–", 40), clean(one.reason, 110)]),
      ),
    );
  }
  const counts = Map.groupBy(answer.results, (result) => result.status);
  const parts = WORST_FIRST.flatMap((status) => {
    const count = counts.get(status as "ok")?.length ?? 0;
    return count === 0 ? [] : [`${count} ${status}`];
  });
  const skipped =
    answer.skipped.length === 0 ? "" : `, ${answer.skipped.length} skipped (\`--all\` says why)`;
  print(`\n${answer.node}: ${parts.join(", ")}${skipped}, in ${answer.durationMs} ms`);
}
