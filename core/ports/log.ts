/** The program's log: one line per record on standard error, JSON or text. */
import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { configureSync, getLogger } from "@logtape/logtape";
import type { Logger, LogRecord } from "@logtape/logtape";
import { escapeControls, escapeInJson } from "cortex";
import type { Log } from "cortex";

export type LogLevelName = "debug" | "info" | "warning" | "error";

export interface LogOptions {
  level: LogLevelName;
  /** auto: text where a person looks on. */
  format: "auto" | "json" | "text";
  /** Applied to every string before it is written. */
  redact?: (text: string) => string;
  /** Whether a person looks on; default whether standard error is a terminal. */
  isTerminal?: boolean;
  /** Default standard error. */
  write?: (line: string) => void;
}

/** A Log that can be narrowed: `log.child({ plugin: "disk", instance: "default" })` adds these fields to each record. */
export interface RootLog extends Log {
  child(fields: Record<string, unknown>): RootLog;
}

const DEPTH = 6;
const LONGEST_TEXT = 8192;

/** Standard error may be a closed pipe or a full disk: logging never breaks what is being logged about. */
function writeToStderr(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // There is nowhere left to say it.
  }
}

/** Plain JSON of whatever a caller put into a field: bounded, without cycles, errors with code and message. */
function plain(value: unknown, redact: (text: string) => string, depth = 0): unknown {
  if (typeof value === "string") {
    // Cut after what is secret is out: half a secret would not be recognized.
    const text = redact(value.slice(0, LONGEST_TEXT * 2));
    return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  }
  if (typeof value === "bigint") return String(value);
  if (typeof value === "function" || typeof value === "symbol") return undefined;
  if (value === null || typeof value !== "object") return value;
  if (depth >= DEPTH) return "…";
  const inner = (item: unknown) => plain(item, redact, depth + 1);
  if (value instanceof Error) {
    const { code, cause } = value as { code?: unknown; cause?: unknown };
    return {
      message: inner(value.message),
      code: inner(code),
      cause: cause === undefined ? undefined : inner(cause),
    };
  }
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.slice(0, 100).map(inner);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item)]));
}

function formatJson(record: LogRecord, redact: (text: string) => string): string {
  const head = {
    at: new Date(record.timestamp).toISOString(),
    level: record.level,
    message: redact(sentence(record)),
  };
  // The head comes first for the eye and last for the value: a field called "level" can't forge a record.
  const line = Object.assign({}, head, plain(record.properties, redact), head);
  return `${escapeInJson(JSON.stringify(line))}\n`;
}

/** `2026-01-01T00:00:00.000Z warning check failed plugin=disk target="/mnt/my disk"` */
function formatText(record: LogRecord, redact: (text: string) => string): string {
  const fields = Object.entries(plain(record.properties, redact) as Record<string, unknown>)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${bareOrQuoted(value)}`);
  const at = new Date(record.timestamp).toISOString();
  return `${escapeControls(`${at} ${record.level} ${redact(sentence(record))}${fields.join("")}`)}\n`;
}

const bareOrQuoted = (value: unknown) =>
  typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);

/** The constant sentence as written by the caller: braces in it are no placeholders. */
const sentence = (record: LogRecord) =>
  typeof record.rawMessage === "string" ? record.rawMessage : record.rawMessage.join("");

function wrap(logger: Logger): RootLog {
  return {
    debug: (message, fields = {}) => logger.debug(message, fields),
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
    child: (fields) => wrap(logger.with(fields)),
  };
}

/** Configure the program's one log; calling it again (a reload) replaces level, format and target for all children. */
export function createLog(options: LogOptions): RootLog {
  const { redact = (text: string) => text, write = writeToStderr, isTerminal = isatty(2) } = options;
  const isText = options.format === "auto" ? isTerminal : options.format === "text";
  const format = isText ? formatText : formatJson;
  configureSync({
    reset: true,
    sinks: { lines: (record: LogRecord) => write(format(record, redact)) },
    loggers: [
      { category: "cortex", lowestLevel: options.level, sinks: ["lines"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["lines"] },
    ],
  });
  return wrap(getLogger("cortex"));
}
