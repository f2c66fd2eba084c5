/** The rules that the built program writes, asked by every user for every verb of every unit. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { ensure, ensureEqual } from "../lib/ensure.ts";
import type { Rig } from "../lib/rig.ts";
import type { Scenario } from "../scenario.ts";

type Rule = (action: object, subject: object) => unknown;

const UNITS = ["nginx.service", "data.mount", "postgresql@15-main.service"];
const CHORES = ["journal-vacuum", "logrotate", "temp-clean"].map((name) => `cortex-act-${name}.service`);
const MANAGE = "org.freedesktop.systemd1.manage-units";

/** Names near to what is allowed, patterns, and what JavaScript itself knows. */
const strangers = (): unknown[] => [
  ...[...UNITS, ...CHORES].flatMap((unit) => [
    unit.slice(0, -1),
    `${unit}x`,
    `x${unit}`,
    ` ${unit}`,
    `${unit}\n`,
    unit.toUpperCase(),
    unit.replace(".service", ".socket"),
    unit.replace(/^./, "?"),
    unit.replace(/^./, "*"),
  ]),
  ...[
    "*",
    "",
    "ssh.service",
    "cortex.service",
    "dbus.service",
    "-.mount",
    "cortex-act-.service",
    "cortex-act-x.service",
  ],
  ...["__proto__", "constructor", "hasOwnProperty", "toString", undefined, null, 7, {}, ["nginx.service"]],
];
const VERBS = [
  "start",
  "stop",
  "restart",
  "reload",
  "try-restart",
  "reload-or-restart",
  "kill",
  "freeze",
  "thaw",
  "clean",
  "set-property",
  "reset-failed",
  "ref",
  "",
  "START",
  undefined,
  null,
  ["start"],
];
const USERS = ["cortex", "root", "cortex-plugin", "Cortex", "cortex ", "nobody", "", undefined];

async function rulesOf(rig: Rig): Promise<string> {
  const config = rig.file(
    "cortex.yaml",
    JSON.stringify({
      privileges: { units: ["nginx.service", "data.mount"] },
      plugins: { service: [{ id: "db", manager: "systemd", unit: "postgresql@15-main.service" }] },
    }),
  );
  const root = join(rig.folder, "root");
  await rig.run(["mkdir", root]);
  const argv = [await rig.binary(), "privileges", "install", "--config", config, "--root", root];
  const [first, second] = [await rig.run(argv), await rig.run(argv)];
  ensureEqual([first.code, second.code], [0, 0], "exit codes of privileges install");
  ensure(second.stdout.includes("Nothing to change."), "installing twice writes something else");
  return readFileSync(join(root, "etc/polkit-1/rules.d/50-cortex.rules"), "utf8");
}

/** Asks the rules as polkitd does; answers how many questions were right, or fails at the first wrong one. */
function judge(text: string): number {
  const rules: Rule[] = [];
  const Result = { YES: "yes", NO: "no", NOT_HANDLED: null };
  runInNewContext(text, { polkit: { addRule: (rule: Rule) => rules.push(rule), Result } });
  let questions = 0;
  const ask = (user: unknown, unit: unknown, verb: unknown, id = MANAGE) => {
    questions += 1;
    const action = { id, lookup: (key: string) => ({ unit, verb })[key] };
    return rules.map((rule) => rule(action, { user })).find((said) => said !== null) === "yes";
  };
  const isAllowed = (user: unknown, unit: unknown, verb: unknown) => {
    if (user !== "cortex" || typeof unit !== "string" || typeof verb !== "string") return false;
    if (unit === "data.mount" || CHORES.includes(unit)) return verb === "start";
    return UNITS.includes(unit) && ["start", "restart", "reload"].includes(verb);
  };
  for (const user of USERS)
    for (const unit of [...UNITS, ...CHORES, ...strangers()])
      for (const verb of VERBS)
        ensureEqual(
          ask(user, unit, verb),
          isAllowed(user, unit, verb),
          `${String(user)} may ${String(verb)} ${JSON.stringify(unit)}`,
        );
  for (const id of ["manage-unit-files", "reload-daemon", "set-environment"].map(
    (one) => `org.freedesktop.systemd1.${one}`,
  ))
    ensure(!ask("cortex", "nginx.service", "restart", id), `cortex may ${id}`);
  return questions;
}

const scenario: Scenario = {
  name: "polkit-rules",
  quick: true,
  run: async (rig) =>
    `${judge(await rulesOf(rig))} questions of ${USERS.length} users, none answered too generously`,
  /** The rule that is often found in guides: it looks at the action and the user, and so allows every unit. */
  control: async () =>
    `${judge(`polkit.addRule(function (action, subject) {
      if (action.id == "${MANAGE}" && subject.user == "cortex") return polkit.Result.YES;
      return polkit.Result.NOT_HANDLED;
    });`)} questions`,
};
export default scenario;
