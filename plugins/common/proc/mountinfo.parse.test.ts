import { expect, test } from "bun:test";
import { isCortexError } from "cortex";
import fc from "fast-check";
import { parseMountInfo, unescapeOctal } from "./mountinfo.parse.ts";

test("a mount with optional fields is read", () => {
  const line = "29 1 259:2 / / rw,relatime shared:1 master:4 - ext4 /dev/dm-2 rw,errors=remount-ro\n";
  expect(parseMountInfo(line)).toEqual([
    {
      dev: "259:2",
      root: "/",
      mountPoint: "/",
      options: ["rw", "relatime"],
      fsType: "ext4",
      source: "/dev/dm-2",
      superOptions: ["rw", "errors=remount-ro"],
    },
  ]);
});

test("blanks, tabs and backslashes in mount points are unescaped", () => {
  const line = "48 29 8:17 / /media/my\\040disk\\0112\\134x rw - vfat /dev/sdb1 rw";
  expect(parseMountInfo(line)[0]!.mountPoint).toBe("/media/my disk\t2\\x");
  expect(unescapeOctal("plain")).toBe("plain");
});

test("a bind mount keeps the path inside its file system", () => {
  const line = "1128 67 253:0 /srv/data /data rw,relatime - xfs /dev/mapper/rhel-root rw,seclabel";
  expect(parseMountInfo(line)[0]).toMatchObject({ root: "/srv/data", mountPoint: "/data", dev: "253:0" });
});

test("an empty source is no reason to fail", () => {
  expect(parseMountInfo("28 27 0:25 / /x rw - tmpfs  rw,size=4k")[0]).toMatchObject({ source: "" });
});

test("a line of another shape is refused with its number", () => {
  expect(() => parseMountInfo("22 27 0:21 / /proc rw - proc proc rw\n/dev/sda1 / ext4 rw 0 0\n")).toThrow(
    "line 2",
  );
});

test("no text makes the parser fail in another way than proc.unreadable", () => {
  const line = fc.tuple(fc.constantFrom("29 1 259:2 / / rw", "1 2 3:4 /", ""), fc.string(), fc.string());
  const text = fc.array(line.map(([head, a, b]) => `${head} ${a} - ${b}`)).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(fc.oneof(fc.string(), text), (input) => {
      try {
        for (const mount of parseMountInfo(input)) expect(typeof mount.mountPoint).toBe("string");
      } catch (error) {
        if (!isCortexError(error)) throw error;
        expect(error.code).toBe("proc.unreadable");
      }
    }),
  );
});
