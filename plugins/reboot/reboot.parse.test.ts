import { expect, test } from "bun:test";
import fc from "fast-check";
import { compareReleases, flavourOf, newerKernels, parsePackages } from "./reboot.parse.ts";

test("numbers in a release count as numbers", () => {
  expect(compareReleases("5.9.0-1-amd64", "5.10.0-1-amd64")).toBeLessThan(0);
  expect(compareReleases("6.1.0-18-amd64", "6.1.0-9-amd64")).toBeGreaterThan(0);
  expect(compareReleases("6.9-rc1", "6.9")).toBeLessThan(0);
  expect(compareReleases("6.9", "6.9.1")).toBeLessThan(0);
  expect(compareReleases("5.14.0-427.el9_4.x86_64", "5.14.0-503.el9_5.x86_64")).toBeLessThan(0);
});

test("kinds of kernels are told apart, and stay the same from release to release", () => {
  expect(flavourOf("6.1.0-18-cloud-amd64")).not.toBe(flavourOf("6.1.0-20-amd64"));
  expect(flavourOf("6.6.20+rpt-rpi-v8")).not.toBe(flavourOf("6.6.28+rpt-rpi-2712"));
  expect(flavourOf("6.9.1-arch1-1")).toBe(flavourOf("6.10.2-arch2-1"));
  expect(flavourOf("5.14.0-427.13.1.el9_4.x86_64")).toBe(flavourOf("5.14.0-503.el9_5.x86_64"));
});

test("only a newer kernel of the same kind counts", () => {
  const installed = ["6.8.0-40-generic", "6.8.0-45-generic", "6.8.0-47-generic", "6.11.0-9-lowlatency"];
  expect(newerKernels("6.8.0-40-generic", installed)).toEqual(["6.8.0-45-generic", "6.8.0-47-generic"]);
  expect(newerKernels("6.8.0-47-generic", installed)).toEqual([]);
  expect(newerKernels("6.18.44-fc-v657", installed)).toEqual([]);
});

test("releases are ordered without contradiction", () => {
  const release = fc
    .array(fc.oneof(fc.nat(20).map(String), fc.constantFrom(".", "-", "rc", "el", "amd", "_")))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(release, release, (a, b) => {
      expect(Math.sign(compareReleases(a, b)) + Math.sign(compareReleases(b, a))).toBe(0);
      expect(compareReleases(a, a)).toBe(0);
    }),
  );
});

test("packages are listed once", () => {
  expect(parsePackages("linux-base\nlibc6\nlinux-base\n\n")).toEqual(["linux-base", "libc6"]);
});
