import { expect, test } from "bun:test";
import { isCortexError } from "cortex";
import fc from "fast-check";
import { mountUnitName, parseFstab, parseMountUnit } from "./fstab.parse.ts";

test("comments, swap and cut lines are no mounts", () => {
  const text = "# /dev/sda1 / ext4\n\n/dev/sda2 none swap sw 0 0\n/dev/sda3 /x swap\n/dev/sda4 /data\n";
  expect(parseFstab(text)).toEqual([]);
});

test("a mount point is unescaped and loses its trailing slash, the root keeps it", () => {
  const mounts = parseFstab("/dev/sdb1\t/srv/my\\040files/\text4\tnoatime,nofail\n/dev/sda1 / ext4\n");
  expect(mounts.map(({ mountPoint }) => mountPoint)).toEqual(["/srv/my files", "/"]);
  expect(mounts.map(({ options }) => options)).toEqual([["noatime", "nofail"], ["defaults"]]);
});

test("a mount unit is read from its own section only", () => {
  const text =
    "[Unit]\nWhere=/wrong\n[Mount]\nWhat = /dev/sdb1\nWhere=/data/\n;Type=xfs\n[Install]\nWantedBy=x\n";
  expect(parseMountUnit(text, "data.mount")).toEqual({
    device: "/dev/sdb1",
    mountPoint: "/data",
    fsType: "auto",
    options: ["defaults"],
    origin: "data.mount",
  });
  expect(parseMountUnit("", "masked.mount")).toBeNull();
});

test("unit names are those of systemd-escape --path", () => {
  expect(mountUnitName("/")).toBe("-.mount");
  expect(mountUnitName("/srv/my data")).toBe("srv-my\\x20data.mount");
  expect(mountUnitName("/a-b/c.d")).toBe("a\\x2db-c.d.mount");
  expect(mountUnitName("/.hidden/x")).toBe("\\x2ehidden-x.mount");
  expect(mountUnitName("/mnt/é")).toBe("mnt-\\xc3\\xa9.mount");
});

test("no text makes these parsers fail", () => {
  const line = fc.tuple(fc.string(), fc.constantFrom("/x", "\\040", "none"), fc.string(), fc.string());
  const text = fc.array(
    fc.oneof(
      fc.string(),
      line.map((fields) => fields.join(" ")),
    ),
  );
  fc.assert(
    fc.property(text, (lines) => {
      try {
        parseFstab(lines.join("\n"));
        parseMountUnit(["[Mount]", ...lines].join("\n"), "x.mount");
      } catch (error) {
        expect(isCortexError(error)).toBe(true);
      }
    }),
  );
});
