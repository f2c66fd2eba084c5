import { expect, test } from "bun:test";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testFolder } from "../../testing/test-folder.ts";
import { askLine, serveLines } from "./line-socket.ts";
import type { Peer } from "./peer.ts";

const folder = testFolder();
const uid = process.getuid!();
let serial = 0;

function serve(options: { admits?: (peer: Peer) => boolean; maxConnections?: number } = {}) {
  const path = join(folder, `${(serial += 1)}.sock`);
  const peers: Peer[] = [];
  const server = serveLines({
    at: { path, uid },
    maxBytes: 1000,
    readSeconds: 1,
    maxConnections: options.maxConnections ?? 4,
    admits: options.admits ?? (() => true),
    async answer(line, peer) {
      peers.push(peer);
      return `you said ${line.length}`;
    },
    tooLong: () => "too long",
  });
  return { path, peers, server };
}

test("one line is answered by one line, and the kernel says whose it was", async () => {
  const { path, peers, server } = serve();
  expect(await askLine(path, "hello", 5000)).toBe("you said 5");
  expect(peers).toEqual([{ pid: process.pid, uid, gid: process.getgid!() }]);
  server.stop();
});

test("T41 the socket is for its user alone from its first moment", () => {
  const { path, server } = serve();
  const stat = statSync(path);
  expect([stat.uid, stat.mode & 0o777]).toEqual([uid, 0o600]);
  server.stop();
});

test("T41 a question that is too long is not read to its end", async () => {
  const { path, peers, server } = serve();
  expect(await askLine(path, "x".repeat(100_000), 5000)).toBe("too long");
  expect(peers).toEqual([]);
  expect(await askLine(path, "hello", 5000)).toBe("you said 5");
  server.stop();
});

test("T41 a stranger is turned away before he said a word", async () => {
  const { path, peers, server } = serve({ admits: () => false });
  const answer = askLine(path, "hello", 5000).then(
    () => "answered",
    (error: { code: string }) => error.code,
  );
  expect(await answer).toBeOneOf(["socket.no_answer", "socket.unavailable"]);
  expect(peers).toEqual([]);
  server.stop();
});

test("T41 many that connect and say nothing keep nobody out for long", async () => {
  const { path, server } = serve({ maxConnections: 2 });
  const closed: Promise<void>[] = [];
  for (let at = 0; at < 5; at += 1) {
    const gone = Promise.withResolvers<void>();
    closed.push(gone.promise);
    await Bun.connect({ unix: path, socket: { data() {}, close: () => gone.resolve() } });
  }
  await Promise.all(closed);
  expect(await askLine(path, "hello", 5000)).toBe("you said 5");
  server.stop();
});

test("a file in the place of the socket is left alone", () => {
  const path = join(folder, "file");
  writeFileSync(path, "mine");
  const at = { path, uid };
  const none = { maxBytes: 1, readSeconds: 1, maxConnections: 1, admits: () => true, tooLong: () => "" };
  expect(() => serveLines({ at, ...none, answer: () => Promise.resolve("") })).toThrow(/is no socket/);
});

test("where nobody listens, that is said at once", async () => {
  const asked = askLine(join(folder, "none.sock"), "hello", 5000);
  expect(asked).rejects.toMatchObject({ code: "socket.unavailable" });
});
