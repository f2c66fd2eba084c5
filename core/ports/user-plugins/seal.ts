/**
 * Seals this process before a user's plugin gets into it: another user where root starts it, limits, no new privileges,
 * Landlock on its files and a seccomp filter that leaves it neither sockets nor processes. Then it starts the program
 * again in its own place (execve), because a rule laid on one thread does not reach those that run already. Everything
 * goes through syscall(2): Bun has none of these calls, and libc's wrappers differ between versions.
 */
import { closeSync, constants, openSync } from "node:fs";
import { ptr, read } from "bun:ffi";
import { arch } from "node:os";
import { loadLibc } from "../files/syscalls.ts";
import { type Machine, sealFilter, SYSCALLS } from "./seccomp.ts";

export interface SealOptions {
  /** Run as this user and group; null stays what it is. Needs root. */
  uid: number | null;
  /** Paths that may be read and executed; null leaves files to the cage around it (bubblewrap). */
  readable: readonly string[] | null;
  /** Open files; threads of the user it runs as (only where that user is not Cortex's own). */
  maxFiles: number;
  maxThreads: number | null;
}

/** What could be laid on; a cage that lacks one of them says so. */
export interface Sealed {
  seccomp: boolean;
  /** Version of the kernel's Landlock interface that is in force, 0 for none. */
  landlock: number;
}

const PR_SET_PDEATHSIG = 1;
const PR_SET_NO_NEW_PRIVS = 38;
const SIGKILL = 9;
const RLIMIT = { FSIZE: 1, CORE: 4, NPROC: 6, NOFILE: 7 } as const;
const LANDLOCK_RULE_PATH_BENEATH = 1;
const LANDLOCK_CREATE_RULESET_VERSION = 1;
/** linux/landlock.h: execute, read a file, read a folder; all others are handled and never granted. */
const LANDLOCK_READ = 0b1101n;
/** Access rights that each version of the interface knows: 1 has 13, 2 adds REFER, 3 TRUNCATE, 5 IOCTL_DEV. */
const LANDLOCK_FS = (abi: number) => (1n << BigInt(abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13)) - 1n;
const O_PATH = 0o10000000;

/**
 * Lays everything on that the kernel offers; never returns half-sealed where something was refused that root could do.
 * Errors: an Error that says which step the kernel refused.
 */
export function seal(options: SealOptions): Sealed {
  const machine = arch() as Machine;
  const numbers = SYSCALLS[machine];
  if (numbers === undefined) throw new Error(`the processor is ${machine}`);
  const libc = loadLibc();
  if (typeof libc === "string") throw new Error(libc);
  const call = (number: number, ...args: (number | bigint)[]): number => {
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = args;
    const result = libc.syscall(number, a, b, c, d, e);
    return Number(result) >= 0 ? Number(result) : -read.i32(libc.errno()!, 0);
  };
  const must = (what: string, result: number) => {
    if (result < 0) throw new Error(`${what} was refused (errno ${-result})`);
    return result;
  };
  const limit = (resource: number, value: number) => {
    const both = new BigUint64Array([BigInt(value), BigInt(value)]);
    must(`limit ${resource}`, call(numbers.prlimit64, 0, resource, ptr(both), 0));
  };

  limit(RLIMIT.CORE, 0);
  limit(RLIMIT.FSIZE, 16 * 2 ** 20);
  limit(RLIMIT.NOFILE, options.maxFiles);
  if (options.maxThreads !== null) limit(RLIMIT.NPROC, options.maxThreads);
  if (options.uid !== null) {
    must("setgroups", call(numbers.setgroups, 0, 0));
    must("setresgid", call(numbers.setresgid, options.uid, options.uid, options.uid));
    must("setresuid", call(numbers.setresuid, options.uid, options.uid, options.uid));
  }
  // After the change of user, which clears it: a child must not outlive a daemon that was killed.
  must("the parent's death signal", call(numbers.prctl, PR_SET_PDEATHSIG, SIGKILL));
  must("no new privileges", call(numbers.prctl, PR_SET_NO_NEW_PRIVS, 1));
  const landlock = options.readable === null ? 0 : restrictFiles(options.readable, call, must);
  const seccomp = restrictCalls(machine, call);
  return { seccomp, landlock };
}

type Call = (number: number, ...args: (number | bigint)[]) => number;
type Must = (what: string, result: number) => number;

/** Landlock: only these paths, only to read. 0 where the kernel has none. */
function restrictFiles(readable: readonly string[], call: Call, must: Must): number {
  const abi = call(444, 0, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) return 0;
  // struct landlock_ruleset_attr { u64 fs, net, scoped }: TCP is refused by seccomp already; scoped signals and sockets.
  const attributes = new BigUint64Array([LANDLOCK_FS(abi), abi >= 4 ? 3n : 0n, abi >= 6 ? 3n : 0n]);
  const size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  const ruleset = must("a Landlock ruleset", call(444, ptr(attributes), size, 0));
  for (const path of readable) {
    let fd: number;
    try {
      fd = openSync(path, O_PATH);
    } catch {
      // A folder that this host does not have, /lib64 for example.
      continue;
    }
    // struct landlock_path_beneath_attr { u64 allowed_access; s32 parent_fd } packed
    const rule = Buffer.alloc(12);
    rule.writeBigUInt64LE(isFolder(path) ? LANDLOCK_READ : LANDLOCK_READ & 0b0101n, 0);
    rule.writeInt32LE(fd, 8);
    must(`a Landlock rule for ${path}`, call(445, ruleset, LANDLOCK_RULE_PATH_BENEATH, ptr(rule), 0));
    closeSync(fd);
  }
  must("Landlock", call(446, ruleset, 0));
  closeSync(ruleset);
  return abi;
}

function isFolder(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_DIRECTORY));
    return true;
  } catch {
    return false;
  }
}

/** False where the kernel has no seccomp filters. */
function restrictCalls(machine: Machine, call: Call): boolean {
  const filter = sealFilter(machine, process.pid);
  // struct sock_fprog { u16 len; u8 pad[6]; u64 filter }
  const program = Buffer.alloc(16);
  program.writeUInt16LE(filter.length / 8, 0);
  program.writeBigUInt64LE(BigInt(ptr(filter)), 8);
  return call(SYSCALLS[machine]!.seccomp, 1, 0, ptr(program)) === 0;
}

/** Start a program in place of this one; returns only when that failed, with the errno. */
export function replaceProcess(argv: readonly string[], env: Readonly<Record<string, string>>): number {
  const numbers = SYSCALLS[arch() as Machine];
  const libc = loadLibc();
  if (numbers === undefined || typeof libc === "string") return -1;
  const strings = (list: readonly string[]) => {
    const texts = list.map((text) => Buffer.from(`${text}\0`));
    const pointers = new BigUint64Array([...texts.map((text) => BigInt(ptr(text))), 0n]);
    return { texts, pointers };
  };
  const program = Buffer.from(`${argv[0]}\0`);
  const [args, vars] = [strings(argv), strings(Object.entries(env).map(([key, value]) => `${key}=${value}`))];
  libc.syscall(numbers.execve, ptr(program), ptr(args.pointers), ptr(vars.pointers), 0, 0);
  return read.i32(libc.errno()!, 0);
}
