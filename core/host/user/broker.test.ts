import { describe, expect, test } from "bun:test";
import type { Capability } from "cortex";
import { createTestContext } from "../../testing/context.ts";
import { createFakeExec } from "../../testing/fake-exec.ts";
import { createBroker } from "./broker.ts";
import type { PortName } from "./protocol.ts";

const exec = createFakeExec({ "setpriv --reuid=65534 -- /usr/bin/uptime -p": { stdout: "up" } });
const installed = { ...exec, which: (name: string) => (name === "uptime" ? "/usr/bin/uptime" : null) };

async function asked(capabilities: Capability[], port: PortName, method: string, ...args: unknown[]) {
  const broker = createBroker({
    plugin: "mine",
    capabilities,
    ports: { ...createTestContext({ plugin: "mine" }), exec: installed },
    programs: ["setpriv", "--reuid=65534", "--"],
  });
  const answer = await broker.answer({ ask: 1, instance: "default", port, method, args });
  return answer?.ok === false ? answer.code : answer?.value;
}

describe("what a plugin's child may ask for", () => {
  test("T100 a declared program runs with the rights of the plugin's user, and only from a system folder", async () => {
    expect(await asked(["exec:uptime"], "exec", "run", ["uptime", "-p"])).toMatchObject({
      stdout: "up",
      argv: ["uptime", "-p"],
    });
    expect(await asked(["exec:uptime"], "exec", "run", ["/tmp/uptime", "-p"])).toBe("exec.not_found");
    expect(await asked(["exec:other"], "exec", "run", ["uptime"])).toBe("host.capability");
  });

  test.each<[PortName, string, ...unknown[]]>([
    ["fs", "constructor"],
    ["fs", "writeText", "/etc/passwd"],
    ["fs", "readText", "relative"],
    ["fs", "readText", 7],
    ["exec", "which", "uptime"],
    ["exec", "run", "uptime"],
    ["exec", "run", ["uptime"], { env: { LD_PRELOAD: "/tmp/x.so" } }],
    ["exec", "run", ["uptime"], { timeoutMs: 1e9 }],
    ["net", "connect", "host", 0, 100],
    ["fetch", "fetch", "http://x/", { maxBytes: 1e12 }],
  ])("T100 %s.%s %j is refused: no such method, or not within bounds", async (port, method, ...args) => {
    const all: Capability[] = ["fs-read", "exec:uptime", "net", "fetch"];
    expect(await asked(all, port, method, ...args)).toBe("plugin.invalid");
  });

  test("T100 ports that were not declared are refused by the program, not only in the child", async () => {
    expect(await asked([], "fs", "readText", "/etc/hostname")).toBe("host.capability");
    expect(await asked([], "net", "connect", "127.0.0.1", 22, 100)).toBe("host.capability");
    expect(await asked([], "fetch", "fetch", "http://127.0.0.1/")).toBe("host.capability");
  });
});
