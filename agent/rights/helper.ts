/** The composition of the privileged helper: root's files, its journal, its socket. It loads no plugin and opens no network. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf } from "cortex";
import { readPolicy, readTrust } from "../../core/helper/files.ts";
import { createHelper } from "../../core/helper/helper.ts";
import { createSystemClock } from "../../core/ports/clock.ts";
import { createExec } from "../../core/ports/processes/exec.ts";
import { readHostFacts } from "../../core/ports/host-facts.ts";
import { serveLines } from "../../core/ports/network/line-socket.ts";
import { assertOwnedFolder } from "../../core/ports/files/owned-file.ts";
import { lockDataDir, prepareFolder } from "../../core/store/data-dir.ts";
import { openJournal } from "../../core/store/helper/journal.ts";
import { verifySignature } from "../../core/store/key-file.ts";

export interface HelperPlaces {
  /** Folder with helper.yaml and trust.d. */
  settings: string;
  /** Folder of its journal. */
  state: string;
  socket: string;
}

export const HELPER_PLACES: HelperPlaces = {
  settings: "/etc/cortex",
  state: "/var/lib/cortex-helper",
  socket: "/run/cortex/helper.sock",
};

export const policyFile = ({ settings }: Pick<HelperPlaces, "settings">) => join(settings, "helper.yaml");
export const trustFolder = ({ settings }: Pick<HelperPlaces, "settings">) => join(settings, "trust.d");
export const journalFile = ({ state }: Pick<HelperPlaces, "state">) => join(state, "journal");

/** A question with a plan of a hundred effects fits; nothing larger is read. */
const MAX_QUESTION_BYTES = 256 * 1024;
/** sd_listen_fds(3): the first descriptor that systemd hands over. */
const FIRST_FD = 3;

/** Until a signal. Errors: `store.*`, `file.*`, `helper.*`, `socket.*`. */
export async function runHelper(places: HelperPlaces): Promise<number> {
  process.umask(0o077);
  const owner = process.geteuid?.() ?? 0;
  const policy = () => readPolicy(policyFile(places), owner);
  const uid = uidOf(policy().user);
  prepareFolder(places.state);
  const lock = lockDataDir(places.state);
  const clock = createSystemClock();
  const say = (line: string) => void process.stderr.write(`cortex helper: ${line.replaceAll(/\s+/g, " ")}\n`);
  try {
    const { bootId } = readHostFacts();
    const mark = () => ({ wall: clock.now(), mono: clock.monotonic(), bootId });
    const journal = openJournal(journalFile(places), mark);
    const helper = createHelper({
      policy,
      trusted: () => readTrust(trustFolder(places), owner),
      verify: (signer, message, signature) =>
        verifySignature(new Uint8Array(Buffer.from(signer, "base64url")), message, signature),
      journal,
      ports: { exec: createExec(), clock },
      clock,
      uidOf,
      log: say,
    });
    const server = serveLines({
      at: isActivated() ? { fd: FIRST_FD } : ownSocket(places.socket, uid, owner),
      maxBytes: MAX_QUESTION_BYTES,
      readSeconds: 5,
      maxConnections: 16,
      ...helper,
    });
    say(`listens for user ${policy().user}`);
    await new Promise<void>((resolve) => {
      for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve());
    });
    server.stop();
    helper.stop();
    journal.close();
    return 0;
  } finally {
    lock.release();
  }
}

const isActivated = () => process.env.LISTEN_PID === String(process.pid) && process.env.LISTEN_FDS === "1";

function ownSocket(path: string, uid: number | null, owner: number): { path: string; uid: number } {
  assertOwnedFolder(dirname(path), owner);
  return { path, uid: uid ?? owner };
}

/** Of a local user; null when there is none of this name. */
function uidOf(user: string): number | null {
  try {
    const line = readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((one) => one.startsWith(`${user}:`));
    const uid = Number(line?.split(":")[2]);
    return line === undefined || !Number.isSafeInteger(uid) ? null : uid;
  } catch (error) {
    process.stderr.write(`cortex helper: /etc/passwd can't be read: ${messageOf(error)}\n`);
    return null;
  }
}
