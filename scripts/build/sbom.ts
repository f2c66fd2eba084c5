/**
 * The bill of materials beside the program, as CycloneDX 1.6 JSON: every package that bun.lock holds, with its hash, what is in the
 * program and what only builds or tests it. The same lock file gives the same bytes.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rootDir, sourceFiles } from "../lib/tree.ts";

interface Locked {
  name: string;
  version: string;
  /** sha512-… as npm writes it; "" for what has none. */
  integrity: string;
  dependencies: string[];
}

interface PackageJson {
  name: string;
  version: string;
  license?: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

/** bun.lock is JSON with commas at the ends of lists. Keys are paths: `a/b` is the b below a. */
export function readLock(tree = rootDir): Map<string, Locked> {
  const text = readFileSync(join(tree, "bun.lock"), "utf8").replaceAll(/,(\s*[}\]])/g, "$1");
  const { packages } = JSON.parse(text) as { packages: Record<string, unknown[]> };
  return new Map(
    Object.entries(packages).map(([key, entry]) => {
      const id = String(entry[0]);
      const at = id.lastIndexOf("@");
      const facts = entry.find((one) => typeof one === "object" && one !== null) as
        | {
            dependencies?: Record<string, string>;
            peerDependencies?: Record<string, string>;
            optionalPeers?: string[];
          }
        | undefined;
      const integrity = entry.findLast((one) => typeof one === "string" && one.startsWith("sha512-"));
      const dependencies = Object.keys({ ...facts?.dependencies, ...facts?.peerDependencies }).filter(
        (name) => facts?.optionalPeers?.includes(name) !== true,
      );
      return [
        key,
        {
          name: id.slice(0, at),
          version: id.slice(at + 1),
          integrity: String(integrity ?? ""),
          dependencies,
        },
      ];
    }),
  );
}

export const readPackage = (tree = rootDir): PackageJson =>
  JSON.parse(readFileSync(join(tree, "package.json"), "utf8")) as PackageJson;

/** Keys of the lock that go into the program: what it depends on, and what the dashboard imports, with all below. */
export function shipped(lock: ReadonlyMap<string, Locked>, tree = rootDir): Set<string> {
  const { dependencies, devDependencies } = readPackage(tree);
  // The runtime itself is compiled in.
  const roots = [
    "bun",
    ...Object.keys(dependencies),
    ...importedBy("ui", Object.keys(devDependencies), tree),
  ];
  const found = new Set<string>();
  const pending = roots.filter((name) => lock.has(name));
  while (pending.length > 0) {
    const key = pending.pop()!;
    if (found.has(key)) continue;
    found.add(key);
    for (const name of lock.get(key)!.dependencies) {
      // The nearest one, as Node resolves: own, then those of each folder above.
      const below = key
        .split("/")
        .map((_, index, parts) => [...parts.slice(0, parts.length - index), name].join("/"));
      const nearest = [...below, name].find((one) => lock.has(one));
      if (nearest !== undefined) pending.push(nearest);
    }
  }
  return found;
}

function importedBy(folder: string, names: readonly string[], tree: string): string[] {
  const texts = sourceFiles([folder], "**/*.{ts,tsx}", tree)
    .filter((path) => !/\.test\.tsx?$|vite|uno\.config|^ui\/(testing|build)\//.test(path))
    .map((path) => readFileSync(join(tree, path), "utf8"));
  return names.filter((name) =>
    texts.some((text) => text.includes(`from "${name}"`) || text.includes(`from "${name}/`)),
  );
}

export function bill(tree = rootDir): string {
  const lock = readLock(tree);
  const inside = shipped(lock, tree);
  const { name, version, license } = readPackage(tree);
  const components = [...lock]
    .map(([key, one]) => ({
      type: "library",
      "bom-ref": `${key}@${one.version}`,
      name: one.name,
      version: one.version,
      scope: inside.has(key) ? "required" : "excluded",
      purl: `pkg:npm/${one.name.replace("@", "%40")}@${one.version}`,
      ...(one.integrity === "" ? {} : { hashes: [{ alg: "SHA-512", content: hex(one.integrity) }] }),
      ...licenceOf(one.name, tree),
    }))
    .toSorted((a, b) => (a["bom-ref"] < b["bom-ref"] ? -1 : 1));
  const document = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": name,
        name,
        version,
        ...(license ? { licenses: [{ license: { id: license } }] } : {}),
      },
    },
    components,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const hex = (integrity: string) => Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex");

function licenceOf(name: string, tree: string) {
  const file = join(tree, "node_modules", name, "package.json");
  if (!existsSync(file)) return {};
  const { license } = JSON.parse(readFileSync(file, "utf8")) as { license?: unknown };
  return typeof license === "string" ? { licenses: [{ expression: license }] } : {};
}
