/** Secrets come by reference, are known from then on, and never leave in plain text. */
import { readFileSync } from "node:fs";
import { defineErrors } from "cortex";

const errors = defineErrors("secret", { missing: "invalid", unreadable: "invalid" });

/** Shorter values occur by chance in ordinary text: hiding them would hide the text around them. */
const SHORTEST_REDACTED = 8;
const LARGEST_FILE_BYTES = 64 * 1024;
/** `$${env:X}` is the escape for a literal `${env:X}`. */
const REFERENCE = /(\$?)\$\{(env|file):([^}]*)\}/g;
export const REDACTED = "[redacted]";

export interface Secrets {
  /**
   * Put values in place of `${env:NAME}` and `${file:/path}`; text without a reference comes back as it is. A file
   * loses the line feed at its end. Errors: `secret.missing`, `secret.unreadable`.
   */
  resolve(text: string): string;
  /** Hide this value from now on; values under 8 characters are let through. */
  register(value: string): void;
  /** The text with every known secret replaced, also where it stands base64-, URL- or JSON-encoded. */
  redact(text: string): string;
}

export interface SecretSources {
  env?: Readonly<Record<string, string | undefined>>;
  readFile?: (path: string) => string;
}

export const hasReference = (text: string): boolean => text.search(REFERENCE) !== -1;

/** The spellings in which a value turns up in logs, URLs, headers and quoted output. */
function spellings(value: string): string[] {
  const base64 = Buffer.from(value).toString("base64");
  return [
    value,
    base64,
    base64.replace(/=+$/, ""),
    Buffer.from(value).toString("base64url"),
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
  ].filter((text) => text.length >= SHORTEST_REDACTED);
}

function readSmallFile(path: string): string {
  const text = readFileSync(path, "utf8");
  if (text.length > LARGEST_FILE_BYTES) throw new Error(`is larger than ${LARGEST_FILE_BYTES} bytes`);
  return text;
}

export function createSecrets(sources: SecretSources = {}): Secrets {
  const env = sources.env ?? process.env;
  const readFile = sources.readFile ?? readSmallFile;
  /** Longest first, so that a secret that contains another one is hidden whole. */
  let known: string[] = [];

  function register(value: string): void {
    if (value.length < SHORTEST_REDACTED) return;
    known = [...new Set([...known, ...spellings(value)])].sort((a, b) => b.length - a.length);
  }

  function fetchValue(kind: string, name: string): string {
    if (kind === "env") {
      const value = env[name];
      if (value === undefined || value === "")
        throw errors.missing(`the environment variable ${name} is not set`);
      return value;
    }
    if (!name.startsWith("/"))
      throw errors.unreadable(`${JSON.stringify(name)} is no absolute path of a secret's file`);
    try {
      return readFile(name).replace(/\r?\n$/, "");
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code === "ENOENT") throw errors.missing(`the secret's file ${name} does not exist`);
      throw errors.unreadable(
        `the secret's file ${name} can't be read: ${code === "EACCES" ? "permission denied" : (error as Error).message}`,
      );
    }
  }

  return {
    register,
    redact: (text) => known.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text),
    resolve: (text) =>
      text.replace(REFERENCE, (match, escape: string, kind: string, name: string) => {
        if (escape !== "") return match.slice(1);
        const value = fetchValue(kind, name.trim());
        register(value);
        return value;
      }),
  };
}
