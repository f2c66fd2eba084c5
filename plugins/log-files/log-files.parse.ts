/** Which names are rotated logs, and what logrotate would do. */

/**
 * `syslog.1`, `messages-20261103`, `access.log-2026110312`, `boot.log.old`. A number has no leading zero:
 * `mysql-bin.000123` is a database's binary log and no rotated one.
 */
const ROTATED = /^.+(\.[1-9]\d{0,2}|[-.]20\d{6}(\d{2}){0,3}|\.log\.old)$/;
const COMPRESSED = /\.(gz|xz|bz2|zst|lz4|Z)$/;

/** True for the names that rotation gives; `keep` are beginnings of names that stay whatever their age. */
export function isRotated(name: string, keep: readonly string[]): boolean {
  return ROTATED.test(name.replace(COMPRESSED, "")) && !keep.some((beginning) => name.startsWith(beginning));
}

/** `logrotate --debug`: logs it would rotate now. Newer versions say "log needs rotating" after "considering log X". */
export function parseDue(text: string): string[] {
  const due: string[] = [];
  let current = "";
  for (const line of text.split("\n")) {
    const considered = /^considering log (.+)$/.exec(line.trim());
    if (considered) current = considered[1]!;
    else if (/^log needs rotating\b/.test(line.trim()) && current !== "" && !due.includes(current))
      due.push(current);
  }
  return due;
}
