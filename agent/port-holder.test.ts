import { afterEach, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CortexError } from "cortex";
import { type Listener, listen } from "../core/ports/network/http-server.ts";
import { testFolder } from "../core/testing/test-folder.ts";
import { namingHolder } from "./port-holder.ts";
import { loadSettings } from "./settings.ts";

const open: Listener[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.stop(0)));
});

/** What a start on another folder is told whose port this process has, where the Cortex of `folder` is the process `pid`. */
function told(folder: string, pid: number): string {
  const holder = listen({
    at: { host: "127.0.0.1", port: 0 },
    maxBodyBytes: 1024,
    handle: async () => new Response("here"),
  });
  open.push(holder);
  writeFileSync(join(folder, "lock.pid"), `${pid}\n`);
  const settings = loadSettings({ "data-dir": join(folder, "new"), listen: `127.0.0.1:${holder.port}` });
  const table = `0000: 00000002 00000000 00010000 0001 01 4711 ${folder}/cortex.sock`;
  const taken = new CortexError("http.port_in_use", "conflict", "in use by another program");
  return (namingHolder(taken, settings, table) as Error).message;
}

test("a start whose port another Cortex has is told on which folder that one runs, and what to do", () => {
  const folder = testFolder();
  expect(told(folder, process.pid)).toMatch(
    new RegExp(`^127\\.0\\.0\\.1:\\d+ is in use by the Cortex on ${folder}; stop it, or .* --listen `),
  );
});

test("a port that no Cortex has is in use by another program, whatever Cortex runs beside it", () => {
  expect(told(testFolder(), 2 ** 22 + 1)).toBe("in use by another program");
});
