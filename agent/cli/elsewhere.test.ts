import { expect, test } from "bun:test";
import { exitCodeFor } from "./exit-codes.ts";
import { assertMeant, runningElsewhere, runningFolders } from "./elsewhere.ts";

const TABLE = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 4711 /srv/one/cortex.sock
0000000000000000: 00000003 00000000 00000000 0001 03 4712 /srv/one/cortex.sock
0000000000000000: 00000003 00000000 00000000 0001 03 4713 /srv/client-only/cortex.sock
0000000000000000: 00000002 00000000 00010000 0001 01 4714 /srv/my data/cortex.sock
0000000000000000: 00000002 00000000 00010000 0001 01 4715 /run/other.sock
0000000000000000: 00000002 00000000 00010000 0001 01 4716 @abstract/cortex.sock
0000000000000000: 00000002 00000000 00010000 0002 01 4717
`;

test("a Cortex that runs is found by the socket on which it listens", () => {
  expect(runningFolders(TABLE)).toEqual(["/srv/my data", "/srv/one"]);
  expect(runningElsewhere("/srv/two", TABLE)).toEqual(["/srv/my data", "/srv/one"]);
  expect(runningElsewhere("/srv/one", TABLE)).toEqual([]);
});

test("a folder that nobody named and nothing runs on is not answered for while a Cortex runs elsewhere", () => {
  const call = () => assertMeant({ dataDir: "/var/lib/none", isDataDirNamed: false }, TABLE);
  expect(call).toThrow(
    "no Cortex runs on /var/lib/none, but a Cortex runs on /srv/my data (and on /srv/one): add --data-dir /srv/my data",
  );
  try {
    call();
  } catch (error) {
    expect(exitCodeFor(error as { kind: "unavailable"; code: string })).toBe(69);
  }
});

test("a folder that was named is meant, and where nothing else runs the usual one is", () => {
  assertMeant({ dataDir: "/var/lib/none", isDataDirNamed: true }, TABLE);
  assertMeant({ dataDir: "/var/lib/none", isDataDirNamed: false }, "");
});
