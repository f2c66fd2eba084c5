/** Looking for secrets in whatever was written or said, in every spelling in which they may turn up. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** As it may turn up: plain, base64, in a URL, in hex. */
const spellings = (value: string | Uint8Array): (string | Uint8Array)[] => [
  value,
  Buffer.from(value).toString("base64").replace(/=+$/, "").slice(0, -1),
  ...(typeof value === "string" ? [encodeURIComponent(value)] : []),
  Buffer.from(value).toString("hex"),
];

export function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Which secrets are found where. */
export function search(
  places: Record<string, Uint8Array | string>,
  secrets: Record<string, string | Uint8Array>,
): string[] {
  return Object.entries(places).flatMap(([place, content]) => {
    const bytes = Buffer.from(content);
    return Object.entries(secrets)
      .filter(([, value]) => spellings(value).some((one) => bytes.includes(one)))
      .map(([name]) => `${name} in ${place}`);
  });
}

export const bytesOf = (path: string): Uint8Array =>
  statSync(path).size < 64 * 2 ** 20 ? readFileSync(path) : new Uint8Array();

/** The 32 bytes of each private key. PKCS #8 of Ed25519 ends with them, RFC 8410. */
export const privateKeys = (folder: string): Record<string, Uint8Array> =>
  Object.fromEntries(
    ["node.key", "monitor.key", "decision.key"].map((file) => [
      file,
      Buffer.from(readFileSync(join(folder, file), "utf8").split("\n")[1]!, "base64").subarray(-32),
    ]),
  );
