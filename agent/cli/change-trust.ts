/** A change of whom this machine believes: by the running daemon, else here, holding the folder's lock meanwhile. */
import { existsSync } from "node:fs";
import { CortexError, isCortexError } from "cortex";
import { createIds } from "../../core/ports/ids.ts";
import { lockDataDir, prepareDataDir } from "../../core/store/data-dir.ts";
import { createTrustNotes } from "../../core/store/trust-notes.ts";
import { createUpstreamFiles } from "../../core/store/upstream.ts";
import { createBeliefs } from "../../core/uplink/beliefs.ts";
import { carryOutTrust, type TrustAnswer, type TrustWish } from "../../core/uplink/trust-wish.ts";
import { TRUST_ACTOR, TRUST_PATH } from "../own-trust.ts";
import type { Settings } from "../settings.ts";
import { becomeOwnerOf, daemonOf, noCortexIn } from "./client.ts";

/** As long as a daemon takes from the lock of its folder to its socket, on a slow day. */
const LOCK_WAIT_MS = 2000;

/** `runs`: by a daemon. Errors: those of `carryOutTrust`, `store.locked`, `cli.daemon_old`. */
export async function changeTrust(
  settings: Pick<Settings, "dataDir">,
  wish: TrustWish,
): Promise<TrustAnswer & { runs: boolean }> {
  const asked = await askDaemon(settings, wish);
  if (asked !== null) return asked;
  if (wish.act !== "join" && !existsSync(settings.dataDir)) throw noCortexIn(settings.dataDir);
  process.umask(0o077);
  becomeOwnerOf(settings.dataDir);
  const dir = prepareDataDir(settings.dataDir);
  let lock: ReturnType<typeof lockDataDir>;
  try {
    lock = lockDataDir(dir.root, LOCK_WAIT_MS);
  } catch (error) {
    // A daemon that was only starting has its socket by now.
    const late =
      isCortexError(error) && error.code === "store.locked" ? await askDaemon(settings, wish) : null;
    if (late === null) throw error;
    return late;
  }
  try {
    const beliefs = createBeliefs({
      files: createUpstreamFiles(dir.keys),
      notes: createTrustNotes(dir.keys),
      now: () => Date.now(),
      newId: createIds().uuid,
    });
    return { ...carryOutTrust(beliefs, wish, TRUST_ACTOR), runs: false };
  } finally {
    lock.release();
  }
}

async function askDaemon(settings: Pick<Settings, "dataDir">, wish: TrustWish) {
  const daemon = await daemonOf(settings);
  if (daemon === null) return null;
  try {
    return { ...(await daemon.post<TrustAnswer>(TRUST_PATH, wish)), runs: true };
  } catch (error) {
    const isUnknown = isCortexError(error) && ["agent.no_monitor", "http.not_found"].includes(error.code);
    if (!isUnknown) throw error;
    throw new CortexError(
      "cli.daemon_old",
      "conflict",
      "the Cortex that runs here is of an older version; restart it, then say this again",
    );
  }
}
