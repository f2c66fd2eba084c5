/** Who is at the other end of a unix socket, as the kernel says it. */
import { ptr } from "bun:ffi";
import { arch } from "node:os";
import { loadLibc } from "../files/syscalls.ts";

export interface Peer {
  pid: number;
  uid: number;
  gid: number;
}

/** getsockopt(2) in asm/unistd_64.h (x64) and asm-generic/unistd.h (arm64). */
const GETSOCKOPT: Record<string, number> = { x64: 55, arm64: 209 };
/** asm-generic/socket.h */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
/** struct ucred { pid_t pid; uid_t uid; gid_t gid } */
const UCRED_BYTES = 12;

/** Asks about an open descriptor; null when the kernel does not say. Errors: text, when this platform has no such call. */
export function openPeerLookup(): ((fd: number) => Peer | null) | string {
  const number = GETSOCKOPT[arch()];
  const libc = loadLibc();
  if (number === undefined) return `the processor is ${arch()}`;
  if (typeof libc === "string") return libc;
  const ucred = new Uint32Array(UCRED_BYTES / 4);
  const length = new Uint32Array(1);
  return (fd) => {
    length[0] = UCRED_BYTES;
    const result = libc.syscall(number, fd, SOL_SOCKET, SO_PEERCRED, ptr(ucred), ptr(length));
    if (Number(result) !== 0 || length[0] !== UCRED_BYTES) return null;
    const [pid = 0, uid = 0, gid = 0] = ucred;
    return { pid, uid, gid };
  };
}
