/** What dpkg writes down and prints, as far as one package is concerned. */

export interface VersionChange {
  from: string;
  to: string;
}

/**
 * Changes of version of one package from dpkg.log, oldest first: `2026-11-26 06:12:01 upgrade nginx:amd64 1.22.1-9 1.26.0-1`.
 * dpkg calls a downgrade an upgrade, too.
 */
export function parseChanges(log: string, name: string): VersionChange[] {
  return log.split("\n").flatMap((line) => {
    const [, , verb, what, from, to] = line.split(" ");
    if (verb !== "upgrade" || what?.split(":")[0] !== name || !from || !to || from === to) return [];
    return [{ from, to }];
  });
}

export interface Installed {
  version: string;
  architecture: string;
  essential: boolean;
  /** `required`, `important`, `standard`, `optional`, … */
  priority: string;
  /** What somebody wants: `install`, `hold`, `deinstall`. */
  want: string;
  /** `installed`, `half-configured`, … */
  status: string;
}

/** Fields in this order, with tabs between them. */
export const INSTALLED_FORMAT =
  "${Version}\\t${Architecture}\\t${Essential}\\t${Protected}\\t${Priority}\\t${db:Status-Want}\\t${db:Status-Status}\\n";

/** null when it is not installed, or in several architectures at once. */
export function parseInstalled(text: string): Installed | null {
  const lines = text.split("\n").filter((line) => line !== "");
  const [version, architecture, essential, important, priority, want, status] = lines[0]?.split("\t") ?? [];
  if (lines.length !== 1 || !version || !architecture || !status) return null;
  return {
    version,
    architecture,
    essential: essential === "yes" || important === "yes",
    priority: priority ?? "",
    want: want ?? "",
    status,
  };
}

export interface Need {
  /** Who needs it. */
  by: string;
  /** As `dpkg --compare-versions` takes it: `>=`, `<<`, `=`, … */
  relation: string;
  version: string;
}

export const DEPENDS_FORMAT = "${Package}\\t${db:Status-Status}\\t${Pre-Depends}, ${Depends}\\n";

/**
 * Versions of one package that installed ones need: `Depends: nginx (>= 1.26), a | nginx (= 1)`. An alternative that names it
 * counts, too: whether the other one is there is not asked.
 */
export function parseNeeds(text: string, name: string): Need[] {
  return text.split("\n").flatMap((line) => {
    const [by = "", status, depends = ""] = line.split("\t");
    if (status !== "installed" || by === name) return [];
    return depends.split(/[,|]/).flatMap((one) => {
      const match = /^\s*([a-z0-9][a-z0-9+.-]*)(?::[a-z0-9-]+)?\s*\(\s*(<<|<=|=|>=|>>)\s*([^\s)]+)\s*\)/.exec(
        one,
      );
      return match?.[1] === name ? [{ by, relation: match[2]!, version: match[3]! }] : [];
    });
  });
}

/** As apt names the files of its archive: a colon is written as %3a. */
export const archiveName = (name: string, version: string, architecture: string): string =>
  `${name}_${version.replaceAll(":", "%3a")}_${architecture}.deb`;
