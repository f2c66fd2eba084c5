import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { Fetch } from "cortex";
import { joinString } from "../testing/remote-node.ts";
import { modeOf } from "../testing/test-folder.ts";
import { createTestNode } from "../testing/test-node.ts";
import { createTestApi } from "../testing/test-api.ts";
import { encodeJoinString, parseJoinString } from "../wire/join-string.ts";
import { monitorAddress } from "./address.ts";
import { joinMonitor } from "./join.ts";

const facts = { name: "web-1", os: "Debian", arch: "x64", version: "1.2.3" };

test("T06 a Monitor with another key than the join string promises is not told the token", async () => {
  const [real, fake] = [createTestApi(), createTestApi()];
  const token = await joinString(real);
  const victim = createTestNode(fake);
  expect(victim.join(token)).rejects.toMatchObject({ code: "link.not_the_monitor" });
  await fake.clock.advance(0);
  const { secret } = parseJoinString(token)!;
  expect(victim.captured.map((one) => one.method)).toEqual(["GET"]);
  expect(JSON.stringify(victim.captured)).not.toContain(secret);
  expect(victim.upstream.read()).toBeNull();
});

test("T06 nor is one that repeats an earlier greeting of the real one", async () => {
  const t = createTestApi();
  const honest = createTestNode(t);
  await honest.join(await joinString(t));
  const recorded = honest.captured[0]!;
  const greeting = await t.send("GET", recorded.path);
  const liar: Fetch = async () => ({
    status: 200,
    headers: Object.fromEntries(greeting.headers),
    body: greeting.text,
    durationMs: 1,
  });
  const victim = createTestNode(t);
  const wish = { url: null, token: await joinString(t), facts, allowInsecureHttp: false };
  const deps = { ...victim, fetch: liar, clock: t.clock };
  expect(joinMonitor(deps, wish)).rejects.toMatchObject({ code: "link.not_the_monitor" });
});

test("T17 plain HTTP to another machine is refused unless it is asked for", () => {
  const codeOf = (text: string, allowed = false) => {
    try {
      return monitorAddress(text, allowed).origin;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  expect(codeOf("http://10.0.0.1:7600")).toBe("upstream.insecure");
  expect(codeOf("http://monitor.example")).toBe("upstream.insecure");
  expect(codeOf("http://127.0.0.1.evil.example")).toBe("upstream.insecure");
  expect(codeOf("http://10.0.0.1:7600", true)).toBe("http://10.0.0.1:7600");
  expect(codeOf("http://127.0.0.1:7600")).toBe("http://127.0.0.1:7600");
  expect(codeOf("https://monitor.example/x")).toBe("https://monitor.example");
  for (const bad of ["monitor", "ftp://monitor", "https://user:pw@monitor", "file:///etc/passwd"])
    expect(codeOf(bad)).toBe("upstream.address");
});

test("a join string survives its way through a terminal, and a damaged one is no join string", () => {
  const value = {
    url: "https://monitor.example:7600/",
    keyHash: "k".repeat(43),
    secret: "s".repeat(43),
    expiresAt: 1_800_000_000_000,
    server: "ab".repeat(32),
  };
  const text = encodeJoinString(value);
  expect(text).toMatch(/^cxj1\.[\w-]+$/);
  expect(parseJoinString(text)).toEqual(value);
  for (const bad of ["", "cxj1.", text.slice(0, -5), `${text}=`, text.slice(1), "cxj1.bnVsbA"])
    expect(parseJoinString(bad)).toBeNull();
});

test("T11 what a join leaves on the disk can be read by nobody else", async () => {
  const t = createTestApi();
  const node = createTestNode(t);
  await node.join(await joinString(t, { autoApprove: true }));
  node.upstream.setSession("x".repeat(43));
  for (const name of ["node.key", "upstream.json", "session"])
    expect(modeOf(statSync(join(node.keys, name)))).toBe("600");
});

test("T18 a join over TLS trusts the fingerprint of the join string and nothing else", async () => {
  const t = createTestApi();
  const node = createTestNode(t);
  const join = parseJoinString(await joinString(t))!;
  const token = encodeJoinString({ ...join, server: "ab".repeat(32) });
  const trusted: unknown[] = [];
  const fetch: Fetch = (url, options) => {
    trusted.push(options?.trust);
    return node.fetch(url, options);
  };
  const wish = { url: null, token, facts, allowInsecureHttp: false };
  await joinMonitor({ ...node, fetch, clock: t.clock }, wish);
  expect(trusted).toEqual([{ fingerprint: "ab".repeat(32) }, { fingerprint: "ab".repeat(32) }]);
  expect(node.upstream.read()).toMatchObject({ fingerprint: "ab".repeat(32) });
});

test("an expired join string is refused without asking anybody", async () => {
  const t = createTestApi();
  const node = createTestNode(t);
  const token = await joinString(t, { ttlSeconds: 60 });
  t.clock.jump(61_000);
  expect(node.join(token)).rejects.toMatchObject({ code: "join.expired" });
  expect(node.captured).toEqual([]);
});

test("a name that was given for the join is kept by the node, one that only follows from the host is not", async () => {
  const t = createTestApi();
  const joinAs = async (name: string, keepsName: boolean) => {
    const node = createTestNode(t);
    const wish = { url: null, token: await joinString(t), allowInsecureHttp: false, keepsName };
    await joinMonitor({ ...node, clock: t.clock }, { ...wish, facts: { ...facts, name } });
    return node.upstream.read()?.name;
  };
  expect(await joinAs("web-1", true)).toBe("web-1");
  expect(await joinAs("host-2", false)).toBeUndefined();
});
