import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseNameservers, parseOwnName } from "./resolv.parse.ts";

test("the first three nameservers count, each once", () => {
  const text =
    "# by NetworkManager\nsearch example.com\nnameserver 10.0.0.2\n nameserver\t10.0.0.2\n" +
    "nameserver fe80::1%eth0\nnameserver 10.0.0.4\n;nameserver 1.1.1.1\noptions edns0\n";
  expect(parseNameservers(text)).toEqual(["10.0.0.2", "fe80::1%eth0"]);
  expect(parseNameservers("nameserver\nnameserver dns.example\n")).toEqual([]);
});

test("the own name is the full one, from /etc/hostname or from /etc/hosts", () => {
  const hosts =
    "127.0.0.1 localhost\n127.0.1.1 web1.Example.com web1 # by the installer\n10.0.0.9 db.example.com db\n";
  expect(parseOwnName("db7.example.com\n", "")).toBe("db7.example.com");
  expect(parseOwnName("web1\n", hosts)).toBe("web1.example.com");
  expect(parseOwnName("vm\n", hosts)).toBeNull();
  expect(parseOwnName("", hosts)).toBeNull();
});

test("names that DNS can't know are none", () => {
  expect(parseOwnName("printer.local", "")).toBeNull();
  expect(parseOwnName("localhost.localdomain", "127.0.0.1 localhost.localdomain localhost")).toBeNull();
});

test("no text makes these parsers fail", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(Array.isArray(parseNameservers(`nameserver ${a}\n${b}`))).toBe(true);
      parseOwnName(a, b);
    }),
  );
});
