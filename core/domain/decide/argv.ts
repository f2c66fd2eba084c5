/**
 * Arguments of programs that only read. Not a list of what is dangerous, which is never complete (`find -delete`, `sort -o`,
 * `tail --pid`, abbreviated long options …), but of the few forms that are known to read and to come to an end.
 */

interface Reader {
  /** Options, each as a whole: bundles like `-la` must consist of allowed letters alone. */
  options: RegExp;
  /** The only words that it may be given besides options; without it, names and paths of any kind. */
  words?: RegExp;
  /** The first word must be one of these: a subcommand that reads. */
  first?: RegExp;
}

const NONE = /^$/;

const READERS: Record<string, Reader> = {
  cat: { options: /^-[nA]+$/ },
  cut: { options: /^-(d.|[cf][\d,-]+)$/ },
  date: { options: /^-(u|Is)$/, words: /^\+[%A-Za-z:\- ]+$/ },
  df: { options: /^(-[hiTPkl]+|--output)$/ },
  dmesg: { options: /^-[HTLkux]+$/, words: NONE },
  du: { options: /^(-[hsxkc]+|--max-depth=\d+)$/ },
  find: {
    options:
      /^-(name|iname|path|type|size|mtime|mmin|ctime|newer|maxdepth|mindepth|xdev|perm|user|group|empty|not|o|a|print0?|\d+)$/,
  },
  findmnt: { options: /^(-[nlJ]+|--real)$/ },
  free: { options: /^-[hbmw]+$/, words: NONE },
  grep: { options: /^(-[EFiHhnvclwox]+|-[mABC]\d+)$/ },
  head: { options: /^(-[nc]\d*|-\d+)$/ },
  id: { options: /^-[ugnG]+$/ },
  ip: {
    options: /^-(4|6|s|j|br)$/,
    first: /^(addr|address|link|route|neigh|rule)$/,
    words: /^(addr|address|link|route|neigh|rule|show|dev|[a-z][a-z0-9.-]*\d)$/,
  },
  journalctl: {
    options: /^(-[nxbkqr]\d*|-u|--no-pager|--utc|-p\d|--since=[\d :+-]+|--until=[\d :+-]+)$/,
  },
  ls: { options: /^-[1lahRdtrSiZ]+$/ },
  lsblk: { options: /^-[fJbpno]+$/ },
  ps: { options: /^-[efuxHL]+$/, words: /^[auxfw]+$/ },
  readlink: { options: /^-[fen]+$/ },
  sha256sum: { options: NONE },
  sort: { options: /^-([nrhuVbfg]+|k\d+(,\d+)?[nr]*|t.)$/ },
  ss: { options: /^-[tulnpaxseimH]+$/, words: NONE },
  stat: { options: /^-[Lft]+$/ },
  systemctl: {
    options: /^(--no-pager|--all|--failed|-[ln]\d*|-p[A-Za-z]+)$/,
    first: /^(status|show|is-active|is-enabled|is-failed|list-units|list-timers|cat)$/,
  },
  tail: { options: /^(-[nc]\d*|-\d+)$/ },
  uname: { options: /^-[asrm]+$/, words: NONE },
  uptime: { options: /^-[ps]$/, words: NONE },
  wc: { options: /^-[lwcm]+$/ },
};

const CONTROL = /\p{Cc}/u;

/** Why these arguments may do more than read, or null. */
export function argvFault(argv: readonly string[]): string | null {
  const [program = "", ...rest] = argv;
  const name = program.replace(/^\/(usr\/)?bin\//, "");
  const reader = Object.hasOwn(READERS, name) ? READERS[name]! : null;
  if (reader === null) return `${program || "no program"} is not known to only read`;
  const odd = argv.find((one) => CONTROL.test(one));
  if (odd !== undefined) return "an argument holds a control character";
  const { options, words, first } = reader;
  const option = rest.find((one) => one.startsWith("-") && one !== "-" && !options.test(one));
  if (option !== undefined) return `${name} ${option}`;
  const plain = rest.filter((one) => !one.startsWith("-"));
  if (first !== undefined && (plain[0] === undefined || !first.test(plain[0])))
    return `${name} ${plain[0] ?? "alone"}`;
  const word = words === undefined ? undefined : plain.find((one) => !words.test(one));
  return word === undefined ? null : `${name} ${word}`;
}
