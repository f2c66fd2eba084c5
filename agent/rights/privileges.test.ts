import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { runInNewContext } from "node:vm";
import type { Effect } from "cortex";
import { mergeWishes, PRIVILEGE_FILES, privilegeFiles } from "../../core/domain/privileges.ts";
import { createExec } from "../../core/ports/processes/exec.ts";
import { diskFolder } from "../../core/testing/test-folder.ts";
import { compare, install, remove } from "./privileged-files.ts";
import { createPrivileges, wantedPrivileges } from "./privileges.ts";
import { loadSettings, type Settings } from "../settings.ts";

const folder = diskFolder();

const cases = join(import.meta.dir, "testcases/privileges");
const settingsOf = (config: string): Settings =>
  loadSettings({ config, "data-dir": folder, "plugins-dir": folder });
const wantedBy = ({ config, instances, definitions }: Settings) =>
  wantedPrivileges(config, instances, definitions);
const filesOf = (name: string) => privilegeFiles(wantedBy(settingsOf(join(cases, name, "cortex.yaml"))));

describe("the files of granted rights", () => {
  test.each(readdirSync(cases))("are those of the golden folder %s", (name) => {
    const files = filesOf(name);
    const golden = join(cases, name, "root");
    if (process.env.UPDATE_GOLDEN === "1") {
      rmSync(golden, { recursive: true, force: true });
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(golden + path), { recursive: true });
        writeFileSync(golden + path, text);
      }
    }
    expect(compare(golden, files)).toEqual([]);
  });

  test("are installed below a root, compared, and removed without a trace", () => {
    const root = join(folder, "root");
    const files = filesOf("web-server");
    expect(install(root, files)).toHaveLength(Object.keys(files).length);
    expect(compare(root, files)).toEqual([]);
    expect(install(root, files)).toEqual([]);
    const fewer = filesOf("own-folders");
    expect(compare(root, fewer)).toContainEqual({
      path: "/etc/systemd/system/cortex-act-logrotate.service",
      what: "left over",
    });
    install(root, fewer);
    expect(existsSync(join(root, "etc/systemd/system/cortex-act-logrotate.service"))).toBe(false);
    remove(root);
    expect(Object.keys(fewer).filter((path) => existsSync(root + path))).toEqual([]);
  });
});

type Rule = (action: { id: string; lookup(key: string): unknown }, subject: { user: string }) => string;

/** Runs a file of rules as polkitd does, and answers what its first rule that decides says. */
function verdictOf(text: string) {
  const rules: Rule[] = [];
  const Result = { YES: "yes", NO: "no", NOT_HANDLED: "not handled" };
  runInNewContext(text, { polkit: { addRule: (rule: Rule) => rules.push(rule), Result } });
  return (user: string, unit: unknown, verb: unknown, id = "org.freedesktop.systemd1.manage-units") => {
    const details: Record<string, unknown> = { unit, verb };
    const said = rules.map((rule) => rule({ id, lookup: (key) => details[key] }, { user }));
    return said.find((one) => one !== Result.NOT_HANDLED) ?? Result.NOT_HANDLED;
  };
}

const UNITS = [
  "nginx.service",
  "data.mount",
  "postgresql@15-main.service",
  "cortex-act-journal-vacuum.service",
];
const STRANGERS = [
  "ssh.service",
  "nginx.servic",
  "nginx.service.d",
  "NGINX.service",
  "*",
  "nginx*",
  "[a-z]*.service",
  "",
  "__proto__",
  "constructor",
  "toString",
  "cortex.service",
  "off.service",
  undefined,
  7,
];
const VERBS = [
  "start",
  "stop",
  "restart",
  "reload",
  "kill",
  "try-restart",
  "reload-or-restart",
  "set-property",
  "reset-failed",
  "freeze",
  "",
  undefined,
];
const ALLOWED = new Map([
  ["nginx.service", ["start", "restart", "reload"]],
  ["data.mount", ["start"]],
  ["postgresql@15-main.service", ["start", "restart", "reload"]],
  ["cortex-act-journal-vacuum.service", ["start"]],
]);

/** Everything that is allowed although it must not be, or refused although it must be allowed. */
function wrongVerdicts(text: string): string[] {
  const verdict = verdictOf(text);
  const wrong: string[] = [];
  for (const user of ["cortex", "root", "ada", "cortex-plugin", ""])
    for (const unit of [...UNITS, ...STRANGERS])
      for (const verb of VERBS) {
        const allowed = user === "cortex" && ALLOWED.get(String(unit))?.includes(String(verb)) === true;
        if ((verdict(user, unit, verb) === "yes") !== allowed)
          wrong.push(`${user} ${String(verb)} ${String(unit)}`);
      }
  for (const id of [
    "org.freedesktop.systemd1.manage-unit-files",
    "org.freedesktop.systemd1.reload-daemon",
    "org.freedesktop.policykit.exec",
  ])
    if (verdict("cortex", "nginx.service", "restart", id) === "yes") wrong.push(id);
  return wrong;
}

describe("T41 the polkit rule", () => {
  const rules = filesOf("web-server")[PRIVILEGE_FILES.rules]!;

  test("T41 allows exactly the declared units and verbs, and only to the user cortex", () => {
    expect(wrongVerdicts(rules)).toEqual([]);
  });

  test.each<[string, string]>([
    [
      "looks only at the action",
      'if (action.id === "org.freedesktop.systemd1.manage-units") return polkit.Result.YES;',
    ],
    ["looks only at the user", 'if (subject.user === "cortex") return polkit.Result.YES;'],
    [
      "takes the beginning of a name",
      'if (subject.user === "cortex" && String(action.lookup("unit")).indexOf("nginx") === 0) return polkit.Result.YES;',
    ],
    [
      "forgets the verb",
      'if (subject.user === "cortex" && action.lookup("unit") === "nginx.service") return polkit.Result.YES;',
    ],
  ])("T41 a rule that %s does not pass the same test", (_what, body) => {
    expect(
      wrongVerdicts(
        `polkit.addRule(function (action, subject) { ${body} return polkit.Result.NOT_HANDLED; });`,
      ),
    ).not.toEqual([]);
  });
});

describe("wishes", () => {
  test.each([
    "s*",
    "[a-z]*",
    "nginx",
    "-H x",
    "--host=x.service",
    "a;b.service",
    "a\n.service",
    "%i.service",
    "../x.service",
    "x@.service",
    "cortex.service",
    "",
  ])("T44 the unit %j is none", (unit) => {
    expect(() => mergeWishes([{ units: [{ unit, verbs: ["start"] }] }])).toThrow();
  });

  test("T43 a word of a chore that could be read as more than a word stays one word", () => {
    const chore = {
      name: "x",
      summary: "100% sure",
      commands: [["/bin/echo", "$HOME", "%i", 'a "b" c', "a\\b"]],
      writes: [],
      capabilities: [],
    };
    const text = privilegeFiles(mergeWishes([{ chores: [chore] }]))[
      "/etc/systemd/system/cortex-act-x.service"
    ]!;
    expect(text).toContain(String.raw`ExecStart=/bin/echo "$$HOME" %%i "a \"b\" c" "a\\b"`);
    expect(text).toContain("Description=Cortex: 100%% sure");
  });

  test.each<[string, object]>([
    ["a line end", { commands: [["/bin/echo", "a\nExecStart=/bin/sh"]] }],
    ["a program by name only", { commands: [["sh"]] }],
    ["a folder with a way up", { writes: ["/tmp/../etc"] }],
    ["a capability that is a setting", { capabilities: ["CAP_KILL\nUser=root"] }],
    ["a name with a slash", { name: "../x" }],
  ])("T42 a chore with %s is refused", (_what, over) => {
    const chore = {
      name: "x",
      summary: "s",
      commands: [["/bin/true"]],
      writes: [],
      capabilities: [],
      ...over,
    };
    expect(() => mergeWishes([{ chores: [chore] }])).toThrow();
  });

  test("T41 without a grant Cortex may less and says what to run; with it, exactly what was granted", () => {
    const config = settingsOf(join(cases, "web-server/cortex.yaml"));
    const file = join(folder, "privileges.json");
    config.config.privileges.file = file;
    const may = createPrivileges(
      false,
      () => config.config,
      () => wantedBy(config),
      () => null,
    )("default");
    expect(may.unit("nginx.service", "restart")).toContain("run: sudo cortex privileges install");
    expect(may.missing()).toHaveLength(3);
    expect(may.chore("journal-vacuum")).toMatchObject({ by: "nobody" });
    writeFileSync(file, filesOf("web-server")[PRIVILEGE_FILES.list]!, { mode: 0o644 });
    expect(may.unit("nginx.service", "restart")).toBeNull();
    expect(may.unit("data.mount", "restart")).toContain("needs a polkit rule for data.mount (restart)");
    expect(may.unit("ssh.service", "restart")).not.toBeNull();
    expect(may.missing()).toEqual([]);
    expect(may.chore("journal-vacuum")).toEqual({ by: "unit", unit: "cortex-act-journal-vacuum.service" });
    chmodSync(file, 0o666);
    expect(may.unit("nginx.service", "restart")).not.toBeNull();
    expect(
      createPrivileges(
        true,
        () => config.config,
        () => wantedBy(config),
        () => null,
      )("default").unit("x.service", "start"),
    ).toBeNull();
  });
});

test("T41 what the privileged helper would do needs no polkit rule, and what polkit grants needs no helper", () => {
  const config = settingsOf(join(cases, "web-server/cortex.yaml"));
  config.config.privileges.file = join(folder, "none.json");
  const leave = (effect: Effect) =>
    effect.kind === "service" && effect.name === "nginx.service" ? "decided" : null;
  const of = (isRoot: boolean) =>
    createPrivileges(
      isRoot,
      () => config.config,
      () => wantedBy(config),
      leave,
    )("default");
  const restart = (name: string): Effect => ({ kind: "service", verb: "restart", name });
  expect(of(false).unit("nginx.service", "restart")).toBeNull();
  expect(of(false).helper(restart("nginx.service"))).toBe("decided");
  expect(of(false).unit("redis.service", "restart")).toContain("needs a polkit rule");
  expect(of(false).missing().join()).not.toContain("nginx.service");
  expect(of(true).helper(restart("nginx.service"))).toBeNull();
  config.config.privileges.file = join(folder, "granted.json");
  writeFileSync(config.config.privileges.file, filesOf("web-server")[PRIVILEGE_FILES.list]!, { mode: 0o644 });
  expect(of(false).helper(restart("nginx.service"))).toBeNull();
});

const mount = (...argv: string[]) =>
  Bun.spawnSync(argv, { stdout: "ignore", stderr: "ignore" }).exitCode === 0;
/** Root alone is not enough in every container. */
const canMount = (() => {
  const probe = join(folder, "probe");
  mkdirSync(probe);
  return mount("mount", "-t", "tmpfs", "-o", "size=1m", "none", probe) && mount("umount", probe);
})();

describe("the unit that cleans temporary folders", () => {
  afterAll(() => void (canMount && mount("umount", at("mounted"))));
  const scratch = join(folder, "scratch");
  const at = (path: string) => join(scratch, path);
  const old = new Date("2020-01-01");
  const put = (path: string, aged = true) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), "x");
    if (aged) utimesSync(at(path), old, old);
  };
  beforeAll(async () => {
    put("old");
    put("a/b/old");
    put("young", false);
    put("systemd-private-1-nginx/tmp/old");
    put(".X11-unix/X0");
    put("keep/old");
    writeFileSync(join(folder, "valuable"), "x");
    utimesSync(join(folder, "valuable"), old, old);
    linkSync(join(folder, "valuable"), at("hard"));
    symlinkSync(folder, at("link"));
    if (canMount) {
      mkdirSync(at("mounted"));
      mount("mount", "-t", "tmpfs", "-o", "size=1m", "none", at("mounted"));
      put("mounted/old");
    }
    const config = join(folder, "scratch.yaml");
    writeFileSync(
      config,
      JSON.stringify({
        plugins: { "temp-files": { paths: [{ path: scratch, age: "1d", exclude: ["keep"] }] } },
      }),
    );
    chmodSync(config, 0o600);
    const { chores } = wantedBy(settingsOf(config));
    const [argv] = chores.find(({ name }) => name === "temp-clean")!.commands;
    // The time of the last change of an inode can't be set back: that one word is left out here.
    const changed = argv!.indexOf("-cmin");
    const result = await createExec().run(argv!.toSpliced(changed, 2));
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("removes what is old", () => {
    expect([existsSync(at("old")), existsSync(at("a/b/old")), existsSync(at("young"))]).toEqual([
      false,
      false,
      true,
    ]);
  });
  test("T49 leaves private folders of services, sockets of X and what is excluded", () => {
    for (const path of ["systemd-private-1-nginx/tmp/old", ".X11-unix/X0", "keep/old"])
      expect([path, existsSync(at(path))]).toEqual([path, true]);
  });
  test("T48 leaves files that have another name elsewhere", () => {
    expect([existsSync(at("hard")), readFileSync(join(folder, "valuable"), "utf8")]).toEqual([true, "x"]);
  });
  test.skipIf(!canMount)("T47 does not go into what is mounted below", () => {
    expect(existsSync(at("mounted/old"))).toBe(true);
  });
  test("T46 follows no symlink", () => {
    expect(existsSync(join(folder, "valuable"))).toBe(true);
  });
});
