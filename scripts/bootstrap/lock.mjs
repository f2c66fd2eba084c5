import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { rootDir, say } from "./say.mjs";

const lockFile = join(rootDir, ".bun", "lock");

/** One at a time: `npm start` beside `npm test` must not install or build into each other. */
export async function withLock(run) {
  mkdirSync(join(rootDir, ".bun"), { recursive: true });
  for (let waited = false; !take(); waited = true) {
    if (!waited) say("another command is preparing this checkout; waiting for it …");
    await sleep(200);
  }
  const release = () => rmSync(lockFile, { force: true });
  const interrupted = () => {
    release();
    process.exit(130);
  };
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    return await run();
  } finally {
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
    release();
  }
}

function take() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  // The holder may have been killed; a lock of a process that is gone is nobody's.
  if (!isAlive(Number(readFileSync(lockFile, "utf8") || process.pid))) rmSync(lockFile, { force: true });
  return false;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
