/** Kernel releases as uname(2) gives them and distributions name their files. */

/** Runs of digits and of letters; what lies between separates them. */
const tokens = (release: string): string[] => release.match(/\d+|[a-z]+/gi) ?? [];

/**
 * Which kind of kernel it is, without what changes from one release to the next. Kinds are installed side by side, and a newer
 * one of another kind is no reason to reboot: "6.1.0-18-cloud-amd64" → "cloud-amd", "6.8.0-45-generic" → "generic",
 * "5.14.0-427.13.1.el9_4.x86_64" → "el_.x_", "6.9.1-arch1-1" → "arch-".
 */
export function flavourOf(release: string): string {
  const from = release.search(/[a-z]/i);
  return from < 0 ? "" : release.slice(from).replace(/\d+/g, "").toLowerCase();
}

/** Less than 0 when `a` is older. Numbers count as numbers: 5.10 is newer than 5.9. */
export function compareReleases(a: string, b: string): number {
  const [left, right] = [tokens(a), tokens(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [x, y] = [left[index], right[index]];
    if (x === y) continue;
    // 6.9 is older than 6.9.1, but newer than 6.9-rc1.
    if (x === undefined) return /^rc$/i.test(y!) ? 1 : -1;
    if (y === undefined) return /^rc$/i.test(x) ? -1 : 1;
    const numbers = /^\d/.test(x) && /^\d/.test(y);
    const order = numbers ? Number(x) - Number(y) : x < y ? -1 : 1;
    if (order !== 0) return order;
  }
  return 0;
}

/** Installed kernels of the running one's kind that are newer than it, oldest first. */
export function newerKernels(running: string, installed: readonly string[]): string[] {
  const newer = installed.filter(
    (release) => flavourOf(release) === flavourOf(running) && compareReleases(release, running) > 0,
  );
  return newer.toSorted(compareReleases);
}

/** /run/reboot-required.pkgs of Debian and Ubuntu: a package a line, with repetitions. */
export function parsePackages(text: string): string[] {
  return [...new Set(text.split("\n").map((line) => line.trim()))].filter((line) => line !== "");
}
