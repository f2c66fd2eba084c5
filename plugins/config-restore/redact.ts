/** Lines of configuration files as they may leave the host: without what looks like a secret, by its name or by its form. */

const HIDDEN = "[redacted]";

/** Keys whose value is nobody's business; what stands before the key stays, what comes after it goes. */
const NAMED =
  /^(.*?(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|auth|cookie|salt|dsn|connection[_-]?string|bearer|community|psk|hmac|signature)[\w-]{0,64}["']?\s*[=:\s])(.*)$/i;
/** A path after such a key is none: `ssl_password_file /etc/ssl/pass`, `auth_basic_user_file /etc/nginx/htpasswd`. */
const PATH_VALUE = /^\s*["']?\/[\w./-]+["']?\s*[;,]?\s*$/;
const IN_URL = /(:\/\/[^\s/:@]{0,200}:)[^\s/@]{1,500}@/g;
const WORD = /[A-Za-z0-9+_-]{20,}={0,2}/g;

/** A line of a key in base64, whose slashes would cut it into words that look like nothing; a path begins with one. */
const BASE64 = /(?<![\w./+-])[A-Za-z0-9+][A-Za-z0-9+/_-]{31,}={0,2}/g;

/** Long words with letters and digits mixed, as keys are; names and version numbers have neither length nor mixture. */
const looksRandom = (word: string): boolean => {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(word)).length;
  return kinds === 3 || (kinds === 2 && /\d/.test(word) && word.length >= 24) || word.length >= 40;
};

/** Shorter ones would hide half a sentence. */
const SHORTEST = 4;

/**
 * Hides what `redactLine` would hide in a text also where it stands without its key: programs that test a file say a word of
 * it that they don't like.
 */
export function createHider(text: string): (said: string) => string {
  const hidden = new Set<string>();
  for (const line of text.split("\n")) {
    const value = NAMED.exec(line)?.[2] ?? "";
    if (!PATH_VALUE.test(value))
      for (const word of [value, ...value.split(/[\s"'`;,]+/)]) hidden.add(word.trim());
    for (const [, password] of line.matchAll(/:\/\/[^\s/:@]{0,200}:([^\s/@]{1,500})@/g))
      hidden.add(password!);
  }
  const words = [...hidden].filter((word) => word.length >= SHORTEST).toSorted((a, b) => b.length - a.length);
  return (said) => words.reduce((rest, word) => rest.replaceAll(word, HIDDEN), redactLine(said));
}

export function redactLine(line: string): string {
  const named = NAMED.exec(line);
  const value = named?.[2] ?? "";
  if (named !== null && value.trim() !== "" && !PATH_VALUE.test(value)) return `${named[1]}${HIDDEN}`;
  const hide = (word: string) => (looksRandom(word) ? HIDDEN : word);
  return line.replace(IN_URL, `$1${HIDDEN}@`).replace(BASE64, hide).replace(WORD, hide);
}
