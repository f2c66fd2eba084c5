/**
 * The few system calls that look at files by directory handle. Bun has no openat or unlinkat, and a path can be
 * redirected between two looks; a handle can't. Everything goes through syscall(2), which every libc has, because the
 * wrappers differ between glibc and musl versions.
 */
import { dlopen, FFIType, ptr, read } from "bun:ffi";
import { arch } from "node:os";

/** Numbers of asm/unistd_64.h (x64) and asm-generic/unistd.h (arm64); openat2 came after they were made the same. */
const NUMBERS: Record<string, { getdents64: number; statx: number; unlinkat: number }> = {
  x64: { getdents64: 217, statx: 332, unlinkat: 263 },
  arm64: { getdents64: 61, statx: 291, unlinkat: 35 },
};
const OPENAT2 = 437;

const LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

/** fcntl.h; the two that differ between the platforms come from the table below. */
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const O_DIRECTORY: Record<string, number> = { x64: 0o200000, arm64: 0o40000 };
const O_NOFOLLOW: Record<string, number> = { x64: 0o400000, arm64: 0o100000 };
export const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_NO_AUTOMOUNT = 0x800;
/** Answer from what is known: never wait for a server. */
const AT_STATX_DONT_SYNC = 0x4000;
const STATX_BASIC_STATS = 0x7ff;

/** linux/openat2.h */
export const RESOLVE = { NO_XDEV: 1, NO_MAGICLINKS: 2, NO_SYMLINKS: 4, BENEATH: 8 } as const;

export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EACCES: 13,
  EXDEV: 18,
  ENOTDIR: 20,
  ENOSYS: 38,
  ELOOP: 40,
} as const;

/** d_type of getdents64(2). */
export const DT = { UNKNOWN: 0, DIRECTORY: 4, FILE: 8 } as const;

export interface RawStat {
  /** st_mode with the file type. */
  mode: number;
  nlink: number;
  uid: number;
  /** As st_dev of stat(2). */
  dev: number;
  ino: number;
  sizeBytes: number;
  allocatedBytes: number;
  /** Epoch ms, rounded down. */
  accessedAt: number;
  changedAt: number;
  modifiedAt: number;
}

export interface DirectoryEntry {
  name: string;
  type: number;
}

/** A failed call is its negative errno; the others answer with a descriptor, 0, or what was read. */
export interface Syscalls {
  openDirectory(dirfd: number, path: string, resolve: number): number;
  stat(dirfd: number, name: string): RawStat | number;
  /** Follows the link: for /proc/PID/fd/N. */
  statTarget(path: string): RawStat | number;
  /** Entries without "." and "..", in the file system's order; names that are no UTF-8 are left out. */
  readDirectory(fd: number): DirectoryEntry[] | number;
  unlink(dirfd: number, name: string): number;
}

export const isRegular = (stat: RawStat) => (stat.mode & 0o170000) === 0o100000;
export const isDirectory = (stat: RawStat) => (stat.mode & 0o170000) === 0o040000;

/** Errors: the reason as text, when this platform has no such calls. */
export function openSyscalls(): Syscalls | string {
  const machine = arch();
  const numbers = NUMBERS[machine];
  if (!numbers) return `the processor is ${machine}`;
  const libc = loadLibc();
  if (typeof libc === "string") return libc;

  const path = (text: string) => Buffer.from(`${text}\0`);
  /** errno is read at once: nothing may call into libc in between. */
  const checked = (result: number | bigint): number =>
    Number(result) >= 0 ? Number(result) : -read.i32(libc.errno()!, 0);

  const statxBuffer = Buffer.alloc(256);
  const statx = (dirfd: number, name: string, flags: number): RawStat | number => {
    const text = path(name);
    const result = checked(
      libc.syscall(numbers.statx, dirfd, ptr(text), flags, STATX_BASIC_STATS, ptr(statxBuffer)),
    );
    return result < 0 ? result : decodeStatx(statxBuffer);
  };
  const directoryFlags = O_NONBLOCK | O_CLOEXEC | O_DIRECTORY[machine]! | O_NOFOLLOW[machine]!;
  const entries = Buffer.alloc(64 * 1024);

  return {
    openDirectory(dirfd, name, resolve) {
      // struct open_how { u64 flags, mode, resolve }
      const how = new BigUint64Array([BigInt(directoryFlags), 0n, BigInt(resolve)]);
      const text = path(name);
      return checked(libc.syscall(OPENAT2, dirfd, ptr(text), ptr(how), how.byteLength, 0));
    },
    stat: (dirfd, name) => statx(dirfd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT),
    statTarget: (name) => statx(AT_FDCWD, name, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC),
    readDirectory(fd) {
      const found: DirectoryEntry[] = [];
      for (;;) {
        const bytes = checked(libc.syscall(numbers.getdents64, fd, ptr(entries), entries.length, 0, 0));
        if (bytes < 0) return bytes;
        if (bytes === 0) return found;
        decodeEntries(entries.subarray(0, bytes), found);
      }
    },
    unlink(dirfd, name) {
      const text = path(name);
      return checked(libc.syscall(numbers.unlinkat, dirfd, ptr(text), 0, 0, 0));
    },
  };
}

export function loadLibc() {
  const word = FFIType.i64_fast;
  const symbols = {
    syscall: { args: [word, word, word, word, word, word], returns: word },
    __errno_location: { args: [], returns: FFIType.ptr },
  } as const;
  let reason = "";
  for (const library of LIBRARIES) {
    try {
      const { syscall, __errno_location } = dlopen(library, symbols).symbols;
      return { syscall, errno: __errno_location };
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  return `libc can't be reached: ${reason}`;
}

/** struct statx of linux/stat.h: one layout on all platforms. */
function decodeStatx(buffer: Buffer): RawStat {
  const u64 = (at: number) => Number(buffer.readBigUInt64LE(at));
  const time = (at: number) =>
    Number(buffer.readBigInt64LE(at)) * 1000 + Math.floor(buffer.readUInt32LE(at + 8) / 1e6);
  return {
    nlink: buffer.readUInt32LE(16),
    uid: buffer.readUInt32LE(20),
    mode: buffer.readUInt16LE(28),
    ino: u64(32),
    sizeBytes: u64(40),
    allocatedBytes: u64(48) * 512,
    accessedAt: time(64),
    changedAt: time(96),
    modifiedAt: time(112),
    dev: makeDev(buffer.readUInt32LE(136), buffer.readUInt32LE(140)),
  };
}

/** gnu_dev_makedev(3), so that numbers compare with those of stat(2). */
export function makeDev(major: number, minor: number): number {
  const high = (BigInt(major & ~0xfff) << 32n) | (BigInt(minor & ~0xff) << 12n);
  return Number(high | BigInt((major & 0xfff) << 8) | BigInt(minor & 0xff));
}

/** struct linux_dirent64 { u64 ino; i64 off; u16 reclen; u8 type; char name[] } */
function decodeEntries(bytes: Buffer, into: DirectoryEntry[]): void {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  for (let at = 0; at < bytes.length; at += bytes.readUInt16LE(at + 16)) {
    const end = bytes.indexOf(0, at + 19);
    try {
      const name = utf8.decode(bytes.subarray(at + 19, end));
      if (name !== "." && name !== "..") into.push({ name, type: bytes[at + 18]! });
    } catch {
      // A name that can't be written into a manifest can't be approved either.
    }
  }
}
