/** The built dashboard: embedded in the binary, read from ui/dist when run from source, absent when it was never built. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Asset } from "../core/http/services.ts";

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  ico: "image/x-icon",
  woff2: "font/woff2",
  json: "application/json",
  webmanifest: "application/manifest+json",
  txt: "text/plain; charset=utf-8",
};

/** By path from the root: `/index.html`, `/assets/app-1a2b.js`. */
export async function loadAssets(): Promise<ReadonlyMap<string, Asset>> {
  const root = [
    join(import.meta.dir, "ui/dist"),
    join(import.meta.dir, "../ui/dist"),
    join(import.meta.dir, "dist"),
  ].find((dir) => existsSync(join(dir, "index.html")));
  const assets = new Map<string, Asset>();
  if (root !== undefined) collect(root, "", assets);
  return assets;
}

function collect(root: string, below: string, assets: Map<string, Asset>): void {
  for (const name of readdirSync(join(root, below))) {
    const path = join(below, name);
    if (statSync(join(root, path)).isDirectory()) {
      collect(root, path, assets);
      continue;
    }
    const body = new Uint8Array(readFileSync(join(root, path)));
    const type = TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
    assets.set(`/${path}`, { body, type, hash: Bun.hash(body).toString(36) });
  }
}
