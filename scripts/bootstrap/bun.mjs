import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runCaptured } from "./run.mjs";
import { Problem, rootDir, say } from "./say.mjs";

const privateDir = join(rootDir, ".bun");

/** Version of Bun that package.json pins; no other version builds, tests or runs this tree. */
export function pinnedBun() {
  const version = JSON.parse(readFileSync(join(rootDir, "package.json"), "utf8")).devDependencies?.bun ?? "";
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Problem(
      `package.json must pin an exact version of bun in devDependencies, found "${version}".`,
    );
  }
  return version;
}

/** Path of a Bun of exactly this version below the checkout, or null. */
export function findBun(version) {
  for (const base of [join(rootDir, "node_modules"), join(privateDir, "node_modules")]) {
    const found = candidates(base).find((path) => versionOf(path) === version);
    if (found) return found;
  }
  return null;
}

/**
 * The package's postinstall moves the binary of the right platform package to `bun/bin/bun.exe` (its name on every
 * system). Where install scripts are off, that file is a text placeholder and the platform packages still hold theirs.
 */
function candidates(modules) {
  const scope = join(modules, "@oven");
  const platforms = existsSync(scope) ? readdirSync(scope).filter((name) => name.startsWith("bun-")) : [];
  return [
    join(modules, "bun", "bin", "bun.exe"),
    ...platforms.map((name) => join(scope, name, "bin", "bun")),
  ].filter((path) => existsSync(path));
}

function versionOf(path) {
  const { status, stdout } = spawnSync(path, ["--version"], { encoding: "utf8", env: {} });
  return status === 0 ? stdout.trim() : null;
}

/** Bring Bun with npm into `.bun/`; npm is the one installer that is surely here. */
export async function installBun(version) {
  say(`installing Bun ${version} …`);
  const startedAt = Date.now();
  mkdirSync(privateDir, { recursive: true });
  const npm = process.env.npm_execpath?.endsWith(".js")
    ? [process.execPath, process.env.npm_execpath]
    : ["npm"];
  const options = ["--no-save", "--no-audit", "--no-fund", "--no-update-notifier", "--include=optional"];
  const [file, ...args] = [...npm, "install", "--prefix", privateDir, ...options, `bun@${version}`];
  const { code, text } = await runCaptured(file, args, { env: npmEnvironment() }).catch((error) => {
    throw new Problem(
      `could not run npm (${error.message}): install npm 10 or newer, then run the command again.`,
    );
  });
  const found = findBun(version);
  if (found) {
    say(`Bun ${version} is there (${((Date.now() - startedAt) / 1000).toFixed(1)} s).`);
    return found;
  }
  throw new Problem(explain(code, text, version));
}

/** Settings of an outer `npm start --something` are not meant for this inner install. */
function npmEnvironment() {
  const env = { ...process.env };
  for (const name of ["npm_config_global", "npm_config_omit", "npm_config_prefix", "npm_config_dry_run"])
    delete env[name];
  return env;
}

function explain(code, text, version) {
  const reason = text.match(/npm (?:error|ERR!) (?:code )?(.+)/)?.[1] ?? `npm ended with exit code ${code}`;
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i.test(text)) {
    return `could not reach the npm registry to install Bun ${version} (${reason}): check the network or the proxy settings of npm, then run the command again.`;
  }
  if (code === 0) {
    return `Bun ${version} has no build that runs on ${process.platform} ${process.arch}; it runs on Linux and macOS, x64 and arm64.`;
  }
  return `could not install Bun ${version} (${reason}): run \`npm install --prefix .bun bun@${version}\` to see all of npm's output.`;
}

/** Environment whose PATH finds this very Bun first under its proper name, for the scripts and their children. */
export function bunOnPath(path) {
  const bin = join(privateDir, "bin");
  mkdirSync(bin, { recursive: true });
  for (const name of ["bun", "bunx"]) {
    const fresh = join(bin, `.${name}.${process.pid}`);
    symlinkSync(path, fresh);
    renameSync(fresh, join(bin, name));
  }
  return {
    path: join(bin, "bun"),
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` },
  };
}
