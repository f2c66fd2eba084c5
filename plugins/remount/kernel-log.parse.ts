/** What the kernel said about one disk: lines of `dmesg --time-format=iso`. */

const TROUBLE =
  /I\/O error|critical (medium|target|space|nexus) error|remounting filesystem read-only|-fs error|-fs \([^)]*\): error|XFS \([^)]*\).*(shutdown|corruption|error)|BTRFS (error|critical)|aborting journal|Sense Key/i;

/**
 * Lines within the window that tell of trouble with this disk, oldest first: `2026-11-26T12:00:00,123456+00:00 EXT4-fs error
 * (device sda1): …`. A line whose time can't be read counts: better one look too many.
 */
export function diskTrouble(text: string, disk: string, sinceMs: number): string[] {
  return text.split("\n").filter((line) => {
    if (!TROUBLE.test(line) || !names(line, disk)) return false;
    const at = Date.parse((line.split(" ")[0] ?? "").replace(",", "."));
    return Number.isNaN(at) || at >= sinceMs;
  });
}

/** The disk itself or one of its partitions: sda, sda1; nvme0n1, nvme0n1p2. */
const names = (line: string, disk: string): boolean =>
  line
    .split(/[^A-Za-z0-9_]+/)
    .some((word) => word.startsWith(disk) && /^(p?\d+)?$/.test(word.slice(disk.length)));
