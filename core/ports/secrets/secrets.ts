/** Secrets come by reference, are known from then on, and never leave in plain text. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { defineErrors, type Pattern } from "cortex";

const errors = defineErrors("secret", { missing: "invalid", unreadable: "invalid" });

/** Shorter values occur by chance in ordinary text: hiding them would hide the text around them. */
const SHORTEST_REDACTED = 8;
const LARGEST_FILE_BYTES = 64 * 1024;
/** `$${env:X}` is the escape for a literal `${env:X}`. */
const REFERENCE = /(\$?)\$\{(env|file|credential):([^}]*)\}/g;
export const REDACTED = "[redacted]";

export interface Secrets {
  /**
   * Put values in place of `${env:NAME}`, `${file:/path}` and `${credential:NAME}` (of systemd, see systemd.exec(5),
   * LoadCredential); text without a reference comes back as it is. A file loses the line feed at its end. Errors: `secret.missing`, `secret.unreadable`.
   */
  resolve(text: string): string;
  /** Hide this value from now on; values under 8 characters are let through. */
  register(value: string): void;
  /** Hide from now on whatever has this form. */
  hide(pattern: Pattern): void;
  /**
   * The text with every known secret replaced, also where it stands base64-, URL-, JSON- or hex-encoded, and with whatever
   * has the form of one.
   */
  redact(text: string): string;
}

export interface SecretSources {
  env?: Readonly<Record<string, string | undefined>>;
  readFile?: (path: string) => string;
}

export const hasReference = (text: string): boolean => text.search(REFERENCE) !== -1;

/** What a value looks like inside a longer base64 text, where it begins at one of three places within a group. */
function insideBase64(value: string): string[] {
  return [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    // Characters that also hold bits of the neighbours are left out.
    const first = [0, 2, 3][before]!;
    const whole = bytes.toString("base64").replace(/=+$/, "");
    return whole.slice(first, bytes.length % 3 === 0 ? undefined : -1);
  });
}

/** The spellings in which a value turns up in logs, URLs, headers and quoted output. */
function spellingsOf(value: string): string[] {
  const base64 = [Buffer.from(value).toString("base64"), ...insideBase64(value)];
  const escaped = encodeURIComponent(value);
  const json = JSON.stringify(value).slice(1, -1);
  return [
    value,
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")),
    escaped,
    escaped.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    new URLSearchParams({ v: value }).toString().slice(2),
    json,
    JSON.stringify(json).slice(1, -1),
    Buffer.from(value).toString("hex"),
    Buffer.from(value).toString("hex").toUpperCase(),
  ];
}

/** Of a secret with several lines (a private key), each line alone gives some of it away. */
const linesOf = (value: string) => {
  const lines = value.split(/\r?\n/);
  return lines.length > 1 ? lines.filter((line) => line.length >= 16 && !line.startsWith("-----")) : [];
};

const spellings = (value: string): string[] =>
  [value, ...linesOf(value)].flatMap(spellingsOf).filter((text) => text.length >= SHORTEST_REDACTED);

/**
 * Secrets by their form, also those that nobody registered: private keys, Cortex' own keys and join strings, tokens of three
 * parts (JWT), bot tokens, credentials of the Authorization header, passwords in URLs. Each pattern runs in linear time: one
 * bounded or negated class after a fixed beginning.
 */
const FORMS: readonly [RegExp, string][] = [
  [/-----BEGIN ([A-Z ]{0,30})PRIVATE KEY-----[^-]*(?:-----END \1PRIVATE KEY-----)?/g, REDACTED],
  [/\bcxk_[A-Za-z0-9]{4,16}_[A-Za-z0-9_-]{16,}/g, REDACTED],
  [/\bcxj1\.[A-Za-z0-9_-]{16,}/g, REDACTED],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, REDACTED],
  [/(?<!\d)\d{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g, REDACTED],
  [/\b(bearer)(\s{1,3})[A-Za-z0-9._~+/=-]{16,}/gi, `$1$2${REDACTED}`],
  [
    /(authorization["']?\s{0,3}[:=]\s{0,3}["']?(?:basic|bearer|token)\s{1,3})[A-Za-z0-9._~+/=-]{4,}/gi,
    `$1${REDACTED}`,
  ],
  [/(:\/\/[^\s/:@?#]{0,200}:)[^\s/@?#]{1,500}@/g, `$1${REDACTED}@`],
];

/** A file that everybody can read is no secret; what a container's runtime puts below /run is shared with nobody. */
function readSmallFile(path: string): string {
  const { mode, size } = statSync(path);
  if (size > LARGEST_FILE_BYTES) throw new Error(`is larger than ${LARGEST_FILE_BYTES} bytes`);
  if ((mode & 0o022) !== 0) throw new Error(`others can change it; run: chmod go-w ${path}`);
  if ((mode & 0o004) !== 0 && !/^\/(var\/)?run\//.test(path))
    throw new Error(`everybody can read it; run: chmod o= ${path}`);
  return readFileSync(path, "utf8");
}

export function createSecrets(sources: SecretSources = {}): Secrets {
  const env = sources.env ?? process.env;
  const readFile = sources.readFile ?? readSmallFile;
  /** Longest first, so that a secret that contains another one is hidden whole. */
  let known: string[] = [];
  const forms: Pattern[] = [];

  function register(value: string): void {
    if (value.length < SHORTEST_REDACTED) return;
    const all = [...new Set([...known, ...spellings(value)])];
    known = all.sort((a, b) => b.length - a.length);
  }

  function fetchValue(kind: string, name: string): string {
    if (kind === "env") {
      const value = env[name];
      if (value === undefined || value === "")
        throw errors.missing(`the environment variable ${name} is not set`);
      return value;
    }
    if (kind === "credential") return readCredential(name);
    return readSecretFile(name, `the secret's file ${name}`);
  }

  function readCredential(name: string): string {
    const folder = env["CREDENTIALS_DIRECTORY"];
    if (!/^[A-Za-z0-9_.-]{1,200}$/.test(name) || name.startsWith("."))
      throw errors.unreadable(`${JSON.stringify(name)} is no name of a systemd credential`);
    if (folder === undefined)
      throw errors.missing(
        `the credential ${name} is not there: add LoadCredential=${name}:/path to the unit`,
      );
    return readSecretFile(join(folder, name), `the credential ${name}`);
  }

  function readSecretFile(name: string, what: string): string {
    if (!name.startsWith("/"))
      throw errors.unreadable(`${JSON.stringify(name)} is no absolute path of a secret's file`);
    try {
      return readFile(name).replace(/\r?\n$/, "");
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code === "ENOENT") throw errors.missing(`${what} does not exist`);
      throw errors.unreadable(
        `${what} can't be read: ${code === "EACCES" ? "permission denied" : (error as Error).message}`,
      );
    }
  }

  return {
    register,
    hide: (pattern) => void forms.push(pattern),
    redact(text) {
      const withoutKnown = known.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
      const withoutForms = FORMS.reduce((rest, [form, instead]) => rest.replace(form, instead), withoutKnown);
      return forms.reduce((rest, form) => form.replaceAll(rest, REDACTED), withoutForms);
    },
    resolve: (text) =>
      text.replace(REFERENCE, (match, escape: string, kind: string, name: string) => {
        if (escape !== "") return match.slice(1);
        const value = fetchValue(kind, name.trim());
        register(value);
        return value;
      }),
  };
}
