/** Debian packages that scenarios stand on. */
import { plainEnv, runProgram } from "./run.ts";

// Nothing of a package is started by its installation: the scenarios start what they need themselves.
const APT_ENV = () => ({ ...plainEnv(), DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" });

/** What is missing in the end, and why; null when all is there. */
export async function missingPackages(packages: readonly string[]): Promise<string | null> {
  const missing: string[] = [];
  for (const name of packages) if (!(await isInstalled(name))) missing.push(name);
  if (missing.length === 0) return null;
  const names = missing.join(" ");
  if (process.getuid?.() !== 0) return `needs the packages ${names}: install them as root with apt-get`;
  const install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...missing];
  let done = await runProgram(install, { env: APT_ENV(), timeoutMs: 300_000 });
  if (done.code !== 0) {
    await runProgram(["apt-get", "update", "-qq"], { env: APT_ENV(), timeoutMs: 120_000 });
    done = await runProgram(install, { env: APT_ENV(), timeoutMs: 300_000 });
  }
  if (done.code === 0) return null;
  return `the packages ${names} could not be installed: ${done.stderr.trim().split("\n").at(-1) ?? ""}`;
}

async function isInstalled(name: string): Promise<boolean> {
  const query = await runProgram(["dpkg-query", "-W", "-f=${Status}", name]).catch(() => null);
  return query?.stdout.endsWith(" installed") ?? false;
}
