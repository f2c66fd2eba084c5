/** The dashboard's built files: hashed ones are kept by browsers for ever, pages are asked for each time. */
import { gzipSync } from "node:zlib";
import { httpErrors } from "./errors.ts";
import { withSecurityHeaders } from "./door/headers.ts";
import type { Asset, Services } from "./services.ts";

const COMPRESSIBLE = /^(text\/|application\/(json|javascript|manifest\+json|wasm)|image\/svg)/;
const MIN_COMPRESS_BYTES = 1024;
const FOR_EVER = "public, max-age=31536000, immutable";

/** Paths that never become a page of the dashboard. */
const NO_PAGE = /^\/(api|swagger|metrics|healthz|readyz)(\/|$)/;

export function createAssetHandler({ assets, access }: Pick<Services, "assets" | "access">) {
  const compressed = new WeakMap<Asset, Uint8Array<ArrayBuffer>>();

  function gzipped(asset: Asset): Uint8Array<ArrayBuffer> | null {
    if (!COMPRESSIBLE.test(asset.type) || asset.body.length < MIN_COMPRESS_BYTES) return null;
    let bytes = compressed.get(asset);
    if (bytes === undefined) {
      bytes = gzipSync(asset.body, { level: 9 });
      compressed.set(asset, bytes);
    }
    return bytes;
  }

  function answer(request: Request, asset: Asset, cacheControl: string, status: number): Response {
    const packed = /\bgzip\b/.test(request.headers.get("accept-encoding") ?? "") ? gzipped(asset) : null;
    const etag = `"${asset.hash}${packed ? "-gz" : ""}"`;
    const headers: Record<string, string> = {
      "content-type": asset.type,
      "cache-control": cacheControl,
      etag,
    };
    if (COMPRESSIBLE.test(asset.type)) headers.vary = "accept-encoding";
    if (packed) headers["content-encoding"] = "gzip";
    if (status === 200 && request.headers.get("if-none-match") === etag)
      return withSecurityHeaders(new Response(null, { status: 304, headers }));
    const body = packed ?? (asset.body as string | Uint8Array<ArrayBuffer>);
    return withSecurityHeaders(new Response(body, { status, headers }));
  }

  /** Throws `http.not_found` for what is neither a file nor a page. */
  return (request: Request): Response => {
    const path = new URL(request.url).pathname;
    const file = assets.get(path);
    if (file && path !== "/index.html")
      return answer(request, file, path.startsWith("/assets/") ? FOR_EVER : "no-cache", 200);
    const isPage =
      !NO_PAGE.test(path) && !path.includes("..") && !path.slice(path.lastIndexOf("/")).includes(".");
    const shell = assets.get("/index.html");
    if ((isPage || path === "/index.html") && shell) {
      // The shell still comes, so that people see a page and not a wall; the status says that setup is over.
      const over = /^\/setup(\/|$)/.test(path) && !access.setup.open();
      return answer(request, shell, "no-cache", over ? 404 : 200);
    }
    throw httpErrors.not_found("there is nothing here");
  };
}
