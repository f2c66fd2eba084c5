/**
 * install_package: one Debian package from one local file. The file is copied into a folder of Cortex's own while it is hashed,
 * and the copy is installed: what others do to the archive meanwhile does not matter.
 */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf } from "cortex";
import type { ExecResult } from "cortex";
import { type ActDeps, type Carry, refused } from "./carry.ts";

/** Where large files may lie for a while; /tmp is often in memory. */
const COPIES = "/var/tmp";
const ASK_MS = 20_000;
/** Cut off in the middle, dpkg leaves a package half installed: it gets all the time that scripts may honestly take. */
const INSTALL_MS = 600_000;

async function copyHashed(from: string, to: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  const tap = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(createReadStream(from), tap, createWriteStream(to, { flags: "wx", mode: 0o600 }), {
    signal,
  });
  return hash.digest("hex");
}

const lastLine = ({ stderr, stdout, exitCode }: ExecResult) =>
  `${stdout}\n${stderr}`.trim().split("\n").at(-1)?.slice(0, 300) || `exit code ${exitCode}`;

export function createInstallPackage({ exec }: ActDeps): Carry<"install_package"> {
  return async ({ file, sha256, name, version, from, root }, signal) => {
    const installed = async () => {
      const argv = ["dpkg-query", `--root=${root}`, "--show", "--showformat=${Version}\\n", name];
      return (await exec.run(argv, { signal, timeoutMs: ASK_MS })).stdout.trim();
    };
    const folder = mkdtempSync(join(COPIES, "cortex-package-"));
    const copy = join(folder, "package.deb");
    try {
      if ((await copyHashed(file, copy, signal)) !== sha256)
        return refused(`${file} is not the file that was looked at`);
      const fields = ["dpkg-deb", "--show", "--showformat=${Package} ${Version}\\n", copy];
      const inside = (await exec.run(fields, { signal, timeoutMs: ASK_MS })).stdout.trim();
      if (inside !== `${name} ${version}`) return refused(`${file} holds ${inside || "no package"}`);
      const before = await installed();
      if (before !== from) return refused(`${name} is ${before || "not installed"} and no longer ${from}`);
      const argv = ["dpkg", `--root=${root}`, `--log=${join(root, "var/log/dpkg.log")}`];
      // Nobody is there to answer: configuration files that people changed stay as they are.
      argv.push("--force-downgrade", "--force-confdef", "--force-confold", "--install", copy);
      const env = { DEBIAN_FRONTEND: "noninteractive" };
      const result = await exec.run(argv, { signal, timeoutMs: INSTALL_MS, env });
      const after = await installed();
      const data = { argv, exitCode: result.exitCode, from, to: after };
      if (result.exitCode === 0 && after === version)
        return { ok: true, summary: `${name} is ${version} again, it was ${from}`, data };
      return refused(
        `dpkg could not install ${name} ${version}: ${lastLine(result)}; run: dpkg --configure -a`,
        data,
      );
    } catch (error) {
      signal.throwIfAborted();
      return refused(`${name} ${version} can't be installed: ${messageOf(error)}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}
