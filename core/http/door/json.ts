/** JSON from strangers: nothing deeper than anybody needs, and no key that reaches behind an object. */
import { httpErrors } from "../errors.ts";

/** Levels of nesting. What nodes send has 8; a parser goes as deep as memory lasts. */
const MAX_DEPTH = 32;
const QUOTE = 34;
const BACKSLASH = 92;

/** Errors: `http.bad_request`. */
export function parseJson(text: string): unknown {
  assertDepth(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw httpErrors.bad_request("the body is not valid JSON");
  }
  // An escape may spell the same name; only such texts are worth the walk.
  if (/__proto__|\\u/i.test(text)) assertNoProto(value);
  return value;
}

/** Counted on the text, before anything is built from it. */
function assertDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    // `[` and `{`, then `]` and `}`: the two pairs differ in one bit.
    else if ((code & ~32) === 91) {
      depth += 1;
      if (depth > MAX_DEPTH)
        throw httpErrors.bad_request(`the body is nested more than ${MAX_DEPTH} levels deep`);
    } else if ((code & ~32) === 93) depth -= 1;
  }
}

/** Position of the quote that ends the string which starts here. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at;
  }
  return text.length;
}

/** `JSON.parse` keeps `__proto__` as an own key; whoever copies it with `Object.assign` changes what the copy inherits. */
function assertNoProto(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if (Object.hasOwn(value, "__proto__"))
    throw httpErrors.bad_request("the body has a key that is not allowed");
  for (const inner of Object.values(value)) assertNoProto(inner);
}
