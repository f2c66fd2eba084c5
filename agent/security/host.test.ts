import { beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { testFolder } from "../../core/testing/test-folder.ts";
import { examineHost } from "./host.ts";

const unit = readFileSync(resolve(import.meta.dir, "../../config/systemd/cortex.service"), "utf8");
let root = "";
const put = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
beforeEach(() => {
  root = testFolder();
  put("etc/passwd", "root:x:0:0::/:\ncortex:x:990:990::/:\n");
  put("etc/group", "cortex:x:990:\nadm:x:4:cortex\ndocker:x:999:ada\n");
  put("etc/systemd/system/cortex.service", unit);
  put("proc/sys/fs/protected_symlinks", "1\n");
  put(
    "etc/polkit-1/rules.d/10-others.rules",
    'polkit.addRule(function (action, subject) { if (subject.isInGroup("wheel")) return polkit.Result.YES; });',
  );
});
const bad = () =>
  examineHost(root, null)
    .filter((one) => one.status !== "ok")
    .map((one) => `${one.status} ${one.what}`);

describe("the host under Cortex", () => {
  test("one that is as it was installed has nothing to mend", () => {
    expect(bad()).toEqual([]);
  });

  test.each<[string, () => void, string]>([
    [
      "T108 membership in docker",
      () => put("etc/group", "docker:x:999:ada,cortex\n"),
      "critical host.groups",
    ],
    [
      "T41 a rule of polkit that allows all units",
      () =>
        put(
          "etc/polkit-1/rules.d/60-x.rules",
          'polkit.addRule(function (a, s) { if (a.id == "org.freedesktop.systemd1.manage-units" && s.user == "cortex") return polkit.Result.YES; });',
        ),
      "critical host.polkit",
    ],
    [
      "T41 a unit that lost a line of its hardening",
      () => put("etc/systemd/system/cortex.service", unit.replace("NoNewPrivileges=yes\n", "")),
      "critical host.unit",
    ],
    [
      "T41 a drop-in that could open the unit",
      () => put("etc/systemd/system/cortex.service.d/x.conf", "[Service]\nUser=root\n"),
      "warning host.unit_drop_in",
    ],
    [
      "T46 links that are followed in shared folders",
      () => put("proc/sys/fs/protected_symlinks", "0\n"),
      "warning host.kernel",
    ],
  ])("%s is found", (_what, plant, finding) => {
    plant();
    expect(bad()).toEqual([finding]);
  });

  test("T107 a daemon that may leave a core dump is found, one that may not is fine", () => {
    const limit = /^Max core file size\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))![1];
    const finding = examineHost(root, process.pid).find(({ what }) => what === "host.core_dumps");
    expect(finding?.status).toBe(limit === "0" ? "ok" : "warning");
  });

  test("a rule that loops or breaks decides nothing and holds nothing up", () => {
    put("etc/polkit-1/rules.d/70-loop.rules", "for (;;);");
    put("etc/polkit-1/rules.d/71-broken.rules", "polkit.addRule(");
    expect(bad()).toEqual([]);
  });
});
