/**
 * The seccomp filter of a user's plugin, as classic BPF (linux/filter.h, linux/seccomp.h). It refuses with EPERM what a
 * plugin has no use for, because all it may do goes through the program: sockets, processes, signals to others, tracing,
 * mounts, namespaces, keys, and io_uring, which would do sockets behind the filter's back.
 */

export type Machine = "x64" | "arm64";

interface Numbers {
  audit: number;
  prctl: number;
  prlimit64: number;
  seccomp: number;
  setgroups: number;
  setresgid: number;
  setresuid: number;
  execve: number;
  clone: number;
  clone3: number;
  kill: number;
  tgkill: number;
  /** Refused whatever their arguments are. */
  refused: readonly number[];
}

/** Numbers above 424 are the same on all platforms. */
const REFUSED_EVERYWHERE = [
  425,
  426,
  427, // io_uring_setup, _enter, _register
  428,
  429,
  430,
  431,
  432,
  433, // open_tree, move_mount, fsopen, fsconfig, fsmount, fspick
  424,
  434,
  438,
  440,
  442, // pidfd_send_signal, pidfd_open, pidfd_getfd, process_madvise, mount_setattr
];

/** asm/unistd_64.h and asm-generic/unistd.h; AUDIT_ARCH of linux/audit.h. */
export const SYSCALLS: Partial<Record<string, Numbers>> & Record<Machine, Numbers> = {
  x64: {
    audit: 0xc000003e,
    prctl: 157,
    prlimit64: 302,
    seccomp: 317,
    setgroups: 116,
    setresgid: 119,
    setresuid: 117,
    execve: 59,
    clone: 56,
    clone3: 435,
    kill: 62,
    tgkill: 234,
    refused: [
      41,
      42,
      43,
      49,
      50,
      53,
      288, // socket, connect, accept, bind, listen, socketpair, accept4
      57,
      58, // fork, vfork
      101,
      310,
      311, // ptrace, process_vm_readv, process_vm_writev
      129,
      200,
      297, // rt_sigqueueinfo, tkill, rt_tgsigqueueinfo
      155,
      161,
      165,
      166,
      272,
      308, // pivot_root, chroot, mount, umount2, unshare, setns
      175,
      176,
      313,
      246,
      320,
      169, // init_module, delete_module, finit_module, kexec_load, kexec_file_load, reboot
      248,
      249,
      250, // add_key, request_key, keyctl
      298,
      321,
      323, // perf_event_open, bpf, userfaultfd
      64,
      65,
      66,
      29,
      30,
      31,
      68,
      69,
      70,
      71,
      240, // System V semaphores, memory and queues, mq_open
      ...REFUSED_EVERYWHERE,
    ],
  },
  arm64: {
    audit: 0xc00000b7,
    prctl: 167,
    prlimit64: 261,
    seccomp: 277,
    setgroups: 159,
    setresgid: 149,
    setresuid: 147,
    execve: 221,
    clone: 220,
    clone3: 435,
    kill: 129,
    tgkill: 131,
    refused: [
      198,
      199,
      200,
      201,
      202,
      203,
      242, // socket, socketpair, bind, listen, accept, connect, accept4
      117,
      270,
      271, // ptrace, process_vm_readv, process_vm_writev
      138,
      130,
      240, // rt_sigqueueinfo, tkill, rt_tgsigqueueinfo
      41,
      51,
      40,
      39,
      97,
      268, // pivot_root, chroot, mount, umount2, unshare, setns
      105,
      106,
      273,
      104,
      294,
      142, // init_module, delete_module, finit_module, kexec_load, kexec_file_load, reboot
      217,
      218,
      219, // add_key, request_key, keyctl
      241,
      280,
      282, // perf_event_open, bpf, userfaultfd
      180,
      186,
      190,
      194,
      196, // mq_open, msgget, semget, shmget, shmat
      ...REFUSED_EVERYWHERE,
    ],
  },
};

export const CLONE_THREAD = 0x10000;

const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_SET = 0x45;
const JUMP_ABOVE = 0x35;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
/** Offsets in struct seccomp_data; the low half of a 64-bit argument comes first on both platforms. */
const AT = { number: 0, arch: 4, argument: (index: number) => 16 + 8 * index } as const;
/** x32 calls of x86-64 carry this bit and would pass by their other numbers. */
const X32_BIT = 0x40000000;

/**
 * `pid` is the sealed process: threads of its own may be signalled (the garbage collector stops them so), nobody else.
 * A new thread may be made, a new process not: clone needs CLONE_THREAD, and clone3, whose flags a filter can't see,
 * says that it does not exist, whereupon libc takes clone.
 */
export function sealFilter(machine: Machine, pid: number): Buffer {
  const numbers = SYSCALLS[machine];
  const program: [code: number, yes: number, no: number, value: number][] = [];
  const put = (code: number, yes: number, no: number, value: number) => program.push([code, yes, no, value]);
  put(LOAD, 0, 0, AT.arch);
  put(JUMP_EQUAL, 1, 0, numbers.audit);
  put(RETURN, 0, 0, KILL_PROCESS);
  put(LOAD, 0, 0, AT.number);
  put(JUMP_ABOVE, 0, 1, X32_BIT);
  put(RETURN, 0, 0, EPERM);
  for (const number of numbers.refused) {
    put(JUMP_EQUAL, 0, 1, number);
    put(RETURN, 0, 0, EPERM);
  }
  put(JUMP_EQUAL, 0, 1, numbers.clone3);
  put(RETURN, 0, 0, ENOSYS);
  // clone: allowed for threads.
  put(JUMP_EQUAL, 0, 4, numbers.clone);
  put(LOAD, 0, 0, AT.argument(0));
  put(JUMP_SET, 0, 1, CLONE_THREAD);
  put(RETURN, 0, 0, ALLOW);
  put(RETURN, 0, 0, EPERM);
  // kill and tgkill: only to itself.
  put(JUMP_EQUAL, 1, 0, numbers.kill);
  put(JUMP_EQUAL, 0, 4, numbers.tgkill);
  put(LOAD, 0, 0, AT.argument(0));
  put(JUMP_EQUAL, 0, 1, pid);
  put(RETURN, 0, 0, ALLOW);
  put(RETURN, 0, 0, EPERM);
  put(RETURN, 0, 0, ALLOW);
  const buffer = Buffer.alloc(program.length * 8);
  program.forEach(([code, yes, no, value], index) => {
    buffer.writeUInt16LE(code, index * 8);
    buffer.writeUInt8(yes, index * 8 + 2);
    buffer.writeUInt8(no, index * 8 + 3);
    buffer.writeUInt32LE(value >>> 0, index * 8 + 4);
  });
  return buffer;
}
