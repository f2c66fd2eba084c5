import { expect, test } from "bun:test";
import { createFakeExec } from "../../core/testing/fake-exec.ts";
import { CONFIG_TEST_CAPABILITIES, configTestOf, runConfigTest } from "./config-test.ts";

test("a unit is tested with the system's configuration", () => {
  expect(configTestOf({ unit: "nginx.service" })).toEqual(["nginx", "-t"]);
  expect(configTestOf({ unit: "ssh.service" })).toEqual(["sshd", "-t"]);
  expect(configTestOf({ unit: "nginx@a.service" })).toBeNull();
  expect(configTestOf({ unit: "own.service" })).toBeNull();
});

test("a process is tested with the configuration that its command line names", () => {
  const of = (...argv: string[]) => configTestOf({ argv });
  expect(of("/usr/sbin/nginx", "-c", "/x/nginx.conf", "-q", "-g", "daemon off;")).toEqual([
    "/usr/sbin/nginx",
    "-t",
    "-c",
    "/x/nginx.conf",
    "-g",
    "daemon off;",
  ]);
  expect(of("/usr/sbin/haproxy", "-W", "-f", "/a.cfg", "-f", "/b.cfg")).toEqual([
    "/usr/sbin/haproxy",
    "-c",
    "-q",
    "-f",
    "/a.cfg",
    "-f",
    "/b.cfg",
  ]);
  expect(of("/usr/bin/caddy", "run", "--config=/x/Caddyfile")).toEqual([
    "/usr/bin/caddy",
    "validate",
    "--config=/x/Caddyfile",
  ]);
  expect(of("/usr/sbin/named", "-f", "-c", "/x/named.conf")).toEqual(["named-checkconf", "/x/named.conf"]);
  expect(of("/usr/bin/python3", "-m", "http.server")).toBeNull();
});

test("the first installed program tests; none means no test", async () => {
  const command = configTestOf({ unit: "httpd.service" })!;
  const redhat = createFakeExec({ "httpd -t": { stderr: "Syntax OK\n" } });
  expect(await runConfigTest(redhat, command)).toEqual({ ok: true, summary: "httpd -t: good" });
  expect(await runConfigTest(createFakeExec({ installed: [] }), command)).toBeNull();
});

test("every program that may run is declared", () => {
  expect(CONFIG_TEST_CAPABILITIES).toContain("exec:nginx");
  expect(CONFIG_TEST_CAPABILITIES).toContain("exec:apache2ctl");
});
