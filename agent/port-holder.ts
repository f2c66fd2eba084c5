/** Who has the port that this start wanted: most often a Cortex that runs already. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { CortexError, isCortexError } from "cortex";
import { parseListen } from "../core/http/door/origin.ts";
import { runningElsewhere } from "./cli/elsewhere.ts";
import { daemonPid } from "./cli/offline.ts";
import type { Settings } from "./settings.ts";

/** The error as it is, or, where a Cortex has the port, one that names its folder and says what to do. */
export function namingHolder(
  error: unknown,
  { config, dataDir }: Pick<Settings, "config" | "dataDir">,
  table?: string,
): unknown {
  const { listen } = config.server;
  if (!isCortexError(error) || error.code !== "http.port_in_use") return error;
  const inodes = listenersAt(parseListen(listen)?.port ?? 0);
  const folder = runningElsewhere(dataDir, table).find((one) => hasOpen(daemonPid(one)?.pid, inodes));
  if (folder === undefined) return error;
  return new CortexError(
    error.code,
    error.kind,
    `${listen} is in use by the Cortex on ${folder}; stop it, or give this one another address: --listen 127.0.0.1:7601`,
    { cause: error },
  );
}

/** TCP_LISTEN in the state of a line of /proc/net/tcp. */
const LISTENS = "0A";

/**
 * Inodes of the sockets that listen on a port. proc(5): lines such as
 * `0: 0100007F:1DB0 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4711 …`.
 */
function listenersAt(port: number): Set<string> {
  const lines = ["tcp", "tcp6"].flatMap((name) => textOf(`/proc/net/${name}`).split("\n"));
  return new Set(
    lines.flatMap((line) => {
      const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/ +/);
      return state === LISTENS && Number.parseInt(local.split(":").at(-1)!, 16) === port ? [inode] : [];
    }),
  );
}

/** Whether a process has one of these sockets, as far as this user may see. */
function hasOpen(pid: number | undefined, inodes: ReadonlySet<string>): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((fd) => inodes.has(targetOf(`${folder}/${fd}`)));
  } catch {
    return false;
  }
}

/** `4711` of `socket:[4711]`. */
function targetOf(link: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1] ?? "";
  } catch {
    // Closed meanwhile.
    return "";
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
