/** Questions to dpkg about one package below one root. Nothing here changes anything. */
import { CortexError, type ExecResult, type PluginContext } from "cortex";
import {
  archiveName,
  DEPENDS_FORMAT,
  type Installed,
  INSTALLED_FORMAT,
  type Need,
  parseChanges,
  parseInstalled,
  parseNeeds,
  type VersionChange,
} from "./dpkg.parse.ts";

const ASK_MS = 20_000;
const LIST_BYTES = 8 * 2 ** 20;

export interface DpkgConfig {
  package: string;
  root: string;
  archives: string[];
}

export interface Archive {
  file: string;
  sha256: string;
}

export type Dpkg = ReturnType<typeof createDpkg>;

export function createDpkg(ctx: PluginContext, { package: name, root, archives }: DpkgConfig) {
  const { exec, fs } = ctx;
  const log = `${root === "/" ? "" : root}/var/log/dpkg.log`;

  const ask = (argv: string[], signal: AbortSignal): Promise<ExecResult> =>
    exec.run(argv, { signal, timeoutMs: ASK_MS, maxOutputBytes: LIST_BYTES });
  const query = (format: string, signal: AbortSignal, ...names: string[]) =>
    ask(["dpkg-query", `--root=${root}`, "--show", `--showformat=${format}`, ...names], signal);

  return {
    /** null when it is not installed, or in several architectures at once. */
    async installed(signal: AbortSignal): Promise<Installed | null> {
      const { exitCode, stdout } = await query(INSTALLED_FORMAT, signal, name);
      return exitCode === 0 ? parseInstalled(stdout) : null;
    },

    /** As far back as dpkg.log and the part before it reach. */
    async changes(): Promise<VersionChange[]> {
      const texts = await Promise.all([`${log}.1`, log].map((path) => fs.readTextIfPresent(path)));
      return texts.flatMap((text) => parseChanges(text ?? "", name));
    },

    async isOlder(version: string, than: string, signal: AbortSignal): Promise<boolean> {
      return (await ask(["dpkg", "--compare-versions", version, "lt", than], signal)).exitCode === 0;
    },

    /** The file of a version in the first archive that has it. */
    async archive(version: string, architecture: string, signal: AbortSignal): Promise<Archive | null> {
      for (const folder of archives)
        for (const one of [architecture, "all"]) {
          const file = `${folder}/${archiveName(name, version, one)}`;
          if (!(await fs.exists(file))) continue;
          const { exitCode, stdout } = await ask(["sha256sum", "--", file], signal);
          const sha256 = stdout.slice(0, 64);
          if (exitCode === 0 && /^[0-9a-f]{64}$/.test(sha256)) return { file, sha256 };
        }
      return null;
    },

    /** `nginx 1.22.1-9`, or what dpkg-deb says about a file that is no package. */
    async inside(file: string, signal: AbortSignal): Promise<string> {
      const result = await ask(["dpkg-deb", "--show", "--showformat=${Package} ${Version}\\n", file], signal);
      return (result.exitCode === 0 ? result.stdout : result.stderr).trim().split("\n")[0] ?? "";
    },

    /** Installed packages that could not do with this version. */
    async unmetBy(version: string, signal: AbortSignal): Promise<Need[]> {
      const { exitCode, stdout, truncated } = await query(DEPENDS_FORMAT, signal);
      if (exitCode !== 0 || truncated)
        throw new CortexError(
          "package.unreadable",
          "unavailable",
          "the list of installed packages can't be read",
        );
      const unmet: Need[] = [];
      for (const need of parseNeeds(stdout, name)) {
        const fits = await ask(["dpkg", "--compare-versions", version, need.relation, need.version], signal);
        if (fits.exitCode !== 0) unmet.push(need);
      }
      return unmet;
    },

    /** What dpkg would say if it were installed; null when it would take it. */
    async wouldRefuse(file: string, signal: AbortSignal): Promise<string | null> {
      const argv = ["dpkg", `--root=${root}`, "--simulate", "--force-downgrade", "--install", file];
      const { exitCode, stderr, stdout } = await ask(argv, signal);
      if (exitCode === 0) return null;
      const lines = `${stderr}\n${stdout}`.split("\n").map((line) => line.trim());
      return lines.find((line) => /depend|error|conflict/i.test(line)) ?? lines[0] ?? "dpkg refuses it";
    },

    async verify(signal: AbortSignal): Promise<string> {
      return (await ask(["dpkg", `--root=${root}`, "--verify", name], signal)).stdout;
    },

    async history(): Promise<string> {
      const text = (await fs.readTextIfPresent(log)) ?? "";
      return text
        .split("\n")
        .filter((line) => line.includes(` ${name}:`))
        .slice(-50)
        .join("\n");
    },
  };
}
