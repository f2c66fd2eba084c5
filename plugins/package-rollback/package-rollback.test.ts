import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Result } from "cortex";
import { checkContract } from "../../core/testing/check.contract.ts";
import { createTestContext, runCheck } from "../../core/testing/context.ts";
import type { FakeCommands } from "../../core/testing/fake-exec.ts";
import { createFakeActs, createFakeStore } from "../../core/testing/fake-ports.ts";
import { pluginContract } from "../../core/testing/plugin.contract.ts";
import { createTestProblem, createTestRun, repairContract } from "../../core/testing/repair.contract.ts";
import { testFolder } from "../../core/testing/test-folder.ts";
import { DEPENDS_FORMAT, INSTALLED_FORMAT, parseChanges, parseInstalled, parseNeeds } from "./dpkg.parse.ts";
import plugin from "./index.ts";

const CONFIG = { package: "shop", test: ["/usr/bin/shop", "--check"] };
const OLDER = "/var/cache/apt/archives/shop_1%3a1.0_amd64.deb";
const LOG = "2026-11-26 06:12:01 upgrade shop:amd64 1:1.0 1:2.0\n";
const HASH = "a".repeat(64);
const PARAMS = { name: "shop", from: "1:2.0", to: "1:1.0", architecture: "amd64" };

function hostWith(files: Record<string, string> = { "/var/log/dpkg.log": LOG, [OLDER]: "" }): string {
  const root = testFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const INSTALLED = `dpkg-query --root=/ --show --showformat=${INSTALLED_FORMAT} shop`;
const DEPENDS = `dpkg-query --root=/ --show --showformat=${DEPENDS_FORMAT}`;
const installed = (
  fields: Partial<Record<"version" | "essential" | "priority" | "want" | "status", string>> = {},
) => {
  const {
    version = "1:2.0",
    essential = "no",
    priority = "optional",
    want = "install",
    status = "installed",
  } = fields;
  return { stdout: `${version}\tamd64\t${essential}\tno\t${priority}\t${want}\t${status}\n` };
};

const dpkg = (more: FakeCommands = {}): FakeCommands => ({
  [INSTALLED]: installed(),
  [DEPENDS]: { stdout: "cart\tinstalled\t, libc6, shop (>= 1:0.9)\n" },
  "dpkg --compare-versions 1:1.0 lt 1:2.0": {},
  "dpkg --compare-versions 1:1.0 >= 1:0.9": {},
  [`sha256sum -- ${OLDER}`]: { stdout: `${HASH}  ${OLDER}\n` },
  [`dpkg-deb --show --showformat=\${Package} \${Version}\\n ${OLDER}`]: { stdout: "shop 1:1.0\n" },
  [`dpkg --root=/ --simulate --force-downgrade --install ${OLDER}`]: {},
  "dpkg --root=/ --verify shop": {},
  "shop --check": { exitCode: 1, stderr: "shop: cannot start\n" },
  ...more,
});

const problem = createTestProblem({ type: "package.broken", target: "shop", owner: "package:shop" });

function setUp(
  exec: FakeCommands = dpkg(),
  { root = hostWith(), store = createFakeStore(), config = CONFIG } = {},
) {
  const acts = createFakeActs();
  const ctx = createTestContext({ plugin, root, exec, acts, store });
  const { checks, repairs } = plugin.setup(ctx, plugin.config.parse(config));
  return { ctx, check: checks![0]!, repair: repairs![0]!, run: createTestRun(ctx), acts, store };
}

async function obstacle(exec: FakeCommands, options = {}, params = PARAMS): Promise<string> {
  const { repair, run } = setUp(exec, options);
  return (await repair.preconditions!(params, run)).find(({ ok }) => !ok)?.detail ?? "";
}

pluginContract(plugin, CONFIG);
checkContract(plugin, CONFIG);
repairContract(plugin, {
  config: CONFIG,
  cases: [{ repair: "package.rollback", problem, context: () => ({ root: hostWith(), exec: dpkg() }) }],
  mutating: ["dpkg --install", "dpkg --force-downgrade"],
});

test("a package that fails its test is critical, and says with which version and why", async () => {
  const { check, ctx } = setUp();
  expect((await runCheck(check, ctx))[0]).toMatchObject({
    target: "shop",
    owner: "package:shop",
    status: "critical",
    summary: "shop 1:2.0 fails its test: shop: cannot start",
  });
});

test("the version that passed here last is the good one, whatever dpkg.log says", async () => {
  const passing = setUp(dpkg({ [INSTALLED]: installed({ version: "1:1.5" }), "shop --check": {} }));
  expect(((await runCheck(passing.check, passing.ctx))[0] as Result).status).toBe("ok");
  const { repair, run } = setUp(dpkg({ "dpkg --compare-versions 1:1.5 lt 1:2.0": {} }), {
    store: passing.store,
  });
  expect(await repair.resolve(problem, run)).toEqual({ ...PARAMS, to: "1:1.5" });
});

test("without one that was seen, it is the version before the last upgrade", async () => {
  const { repair, run } = setUp();
  expect(await repair.resolve(problem, run)).toEqual(PARAMS);
  const silent = setUp(dpkg(), { root: hostWith({ "/var/log/dpkg.log": "" }) });
  expect(await silent.repair.resolve(problem, silent.run)).toBeNull();
});

test("a newer version is never what a rollback goes to", async () => {
  const older = { exitCode: 1 };
  const { repair, run } = setUp(dpkg({ "dpkg --compare-versions 1:1.0 lt 1:2.0": older }));
  expect(await repair.resolve(problem, run)).toBeNull();
});

test("the plan says old and new, binds the file by its hash, and names the way back", async () => {
  const { repair, run, acts } = setUp();
  const plan = await repair.plan(PARAMS, run);
  expect(plan.summary).toBe("roll shop back from 1:2.0 to 1:1.0");
  expect(plan.changes).toContainEqual({ what: "way back", to: "apt-get install shop=1:2.0" });
  expect(plan.effects).toEqual([{ kind: "package", verb: "rollback", name: "shop", version: "1:1.0" }]);
  await repair.apply(PARAMS, plan, run);
  expect(acts.acts).toEqual([
    {
      verb: "install_package",
      file: OLDER,
      sha256: HASH,
      name: "shop",
      version: "1:1.0",
      from: "1:2.0",
      root: "/",
    },
  ]);
});

test("nothing stands in the way of an ordinary package", async () => {
  expect(await obstacle(dpkg())).toBe("");
});

test("what the host stands on, what somebody holds and what is half installed stay as they are", async () => {
  const of = (fields: Parameters<typeof installed>[0]) => obstacle(dpkg({ [INSTALLED]: installed(fields) }));
  expect(await of({ essential: "yes" })).toContain("is essential");
  expect(await of({ priority: "required" })).toContain("is essential");
  expect(await of({ want: "hold" })).toContain("is on hold");
  expect(await of({ status: "half-configured" })).toBe("shop is 1:2.0, half-configured");
  expect(await of({ version: "1:2.1" })).toBe("shop is 1:2.1, installed");
});

test("T45 Cortex itself, dpkg, the kernel and the way in are never rolled back", async () => {
  for (const name of ["cortex", "dpkg", "libc6", "linux-image-amd64", "openssh-server", "systemd"]) {
    const exec = dpkg({
      [INSTALLED.replace(/shop$/, name)]: installed(),
      [`dpkg-query --root=/ --show --showformat=${DEPENDS_FORMAT}`]: {},
    });
    const config = { ...CONFIG, package: name };
    expect(await obstacle(exec, { config }, { ...PARAMS, name })).toBe(
      `${name} is essential: that is done by hand`,
    );
  }
});

test("a missing or another file, and packages that need the newer version, stand in the way", async () => {
  expect(await obstacle(dpkg(), { root: hostWith({ "/var/log/dpkg.log": LOG }) })).toContain(
    "apt-get download shop=1:1.0",
  );
  const other = {
    [`dpkg-deb --show --showformat=\${Package} \${Version}\\n ${OLDER}`]: { stdout: "shop 1:0.1\n" },
  };
  expect(await obstacle(dpkg(other))).toContain("shop 1:0.1");
  expect(await obstacle(dpkg({ "dpkg --compare-versions 1:1.0 >= 1:0.9": { exitCode: 1 } }))).toBe(
    "cart needs shop >= 1:0.9",
  );
  const refuses = { exitCode: 1, stderr: "dpkg: dependency problems prevent configuration of shop:\n" };
  expect(
    await obstacle(dpkg({ [`dpkg --root=/ --simulate --force-downgrade --install ${OLDER}`]: refuses })),
  ).toContain("dependency problems");
});

test("after a crash the installed version tells, and what is half installed nobody can tell", async () => {
  const probe = (fields: Parameters<typeof installed>[0]) => {
    const { repair, run } = setUp(dpkg({ [INSTALLED]: installed(fields) }));
    return repair.probe!(PARAMS, run);
  };
  expect(await probe({ version: "1:1.0" })).toBe("done");
  expect(await probe({})).toBe("not_done");
  expect(await probe({ version: "1:1.0", status: "half-installed" })).toBe("unknown");
});

test("dpkg's own words are read as they are written", () => {
  expect(parseChanges(`${LOG}2026-11-26 06:12:02 status installed shop:amd64 1:2.0\n`, "shop")).toEqual([
    { from: "1:1.0", to: "1:2.0" },
  ]);
  expect(parseChanges(LOG, "sho")).toEqual([]);
  expect(
    parseInstalled(
      "1\tamd64\tno\tno\toptional\tinstall\tinstalled\n1\ti386\tno\tno\toptional\tinstall\tinstalled\n",
    ),
  ).toBeNull();
  const list =
    "a\tinstalled\tshop:any (= 1:2.0), libc6 (>= 2), b | shop (<< 3)\nb\tconfig-files\t, shop (>= 9)\nshop\tinstalled\t, shop (>= 9)\nc\tinstalled\t, shop-data (>= 9)\n";
  expect(parseNeeds(list, "shop")).toEqual([
    { by: "a", relation: "=", version: "1:2.0" },
    { by: "a", relation: "<<", version: "3" },
  ]);
});
