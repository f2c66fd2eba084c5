import { expect, test } from "bun:test";
import { CortexError, type HostFs } from "cortex";
import { createTestContext } from "../../core/testing/context.ts";
import { createTestClock } from "../../core/testing/test-clock.ts";
import { createPortGuard } from "./port-guard.ts";

const leader = { pid: 9, startTicks: 90, bootId: "boot-test", exe: "" };
const LISTENS = "  0: 0100007F:1FA3 00000000:0000 0A 0:0 00:0 0 0 0 71 1\n";

/** A host on which process 9 holds port 8099 by descriptor 3. */
function setUp() {
  const clock = createTestClock();
  const { net } = createTestContext({ plugin: "x", clock });
  const host = { table: LISTENS, socket: "socket:[71]", tablesRead: 0 };
  const absent = () => Promise.reject(new CortexError("fs.not_found", "not_found", "absent"));
  const fs: Pick<HostFs, "readText" | "list" | "readLink"> = {
    async readText(path) {
      if (path === "/proc/net/tcp") {
        host.tablesRead += 1;
        return `  sl  local_address rem_address   st\n${host.table}`;
      }
      return path === "/proc/9/stat" ? `9 (demo) S 1 9 9 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 90 0\n` : absent();
    },
    list: async (path) => (path === "/proc" ? ["9"] : path === "/proc/9/fd" ? ["3"] : []),
    readLink: async (path) => (path === "/proc/9/fd/3" ? host.socket : absent()),
  };
  const guard = createPortGuard({ fs: fs as HostFs, net, clock }, "127.0.0.1", 8099);
  return { clock, host, look: (alive = true) => guard.look(leader, alive) };
}

test("the table of connections is read again only after a while, as long as the socket is held", async () => {
  const { clock, host, look } = setUp();
  const ours = { kind: "ours", holder: { pid: 9, name: "demo", ours: true } };
  expect(await look()).toMatchObject(ours);
  for (let second = 2; second < 15; second += 2) {
    await clock.advance(2000);
    expect(await look()).toMatchObject(ours);
  }
  expect(host.tablesRead).toBe(1);
  await clock.advance(2000);
  await look();
  expect(host.tablesRead).toBe(2);
});

test("a socket that was closed is seen at once", async () => {
  const { host, look } = setUp();
  await look();
  host.socket = "socket:[99]";
  host.table = "";
  expect(await look()).toEqual({ kind: "closed" });
});

test("a socket that was shut down but not closed is seen when the table is read again", async () => {
  const { clock, host, look } = setUp();
  await look();
  host.table = "";
  await clock.advance(15_000);
  expect(await look()).toEqual({ kind: "closed" });
});

test("a dead process holds nothing: the table is always read", async () => {
  const { host, look } = setUp();
  await look();
  await look(false);
  expect(host.tablesRead).toBe(2);
});
