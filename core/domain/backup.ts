/**
 * Backups: what a manifest says, and which of many backups are kept. A backup is a folder that holds copies of the
 * databases, the sealed keys, and `manifest.json`, which names each file with its size and hash and is signed by the node.
 */
import { defineErrors } from "cortex";
import * as z from "zod";

export const backupErrors = defineErrors("backup", {
  busy: "conflict",
  not_found: "not_found",
  damaged: "invalid",
  schema: "invalid",
  ledger: "invalid",
  newer_schema: "conflict",
  too_large: "invalid",
  unknown_signer: "forbidden",
  other_node: "conflict",
  in_use: "conflict",
  no_space: "unavailable",
  failed: "unavailable",
});

/** Everything that may lie in a backup besides the manifest. There is no archive, so nothing has to be unpacked. */
export const BACKUP_FILES = ["agent.db", "monitor.db", "keys.sealed"] as const;
export type BackupFile = (typeof BACKUP_FILES)[number];
export const MANIFEST = "manifest.json";

export const BACKUP_REASONS = ["asked", "scheduled", "migration"] as const;
export type BackupReason = (typeof BACKUP_REASONS)[number];

/** `backup-20261126T143000.123Z`: sorts by time. */
export const BACKUP_NAME = /^backup-\d{8}T\d{6}\.\d{3}Z$/;
export const backupName = (ms: number): string =>
  `backup-${new Date(ms).toISOString().replaceAll(/[-:]/g, "")}`;

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const size = z.number().int().nonnegative();
const publicKey = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);

const ledgerFacts = z.strictObject({
  origin: z.string().max(100),
  entries: size,
  /** Hash of the last entry; null while there is none. */
  head: hex.nullable(),
  /** A chain that did not hold when the copy was made: kept as evidence, never restored. */
  fault: z.strictObject({ seq: z.number().int(), reason: z.string().max(500) }).nullable(),
});
export type LedgerFacts = z.infer<typeof ledgerFacts>;

const fileFacts = z.strictObject({
  name: z.enum(BACKUP_FILES),
  bytes: size,
  sha256: hex,
  /** Version of the tables; null for what is no database. */
  schema: size.nullable(),
  ledger: ledgerFacts.nullable(),
});
export type FileFacts = z.infer<typeof fileFacts>;

const manifest = z.strictObject({
  v: z.literal(1),
  name: z.string().regex(BACKUP_NAME),
  reason: z.enum(BACKUP_REASONS),
  /** Epoch ms. */
  createdAt: size,
  /** Version of the Cortex that made it. */
  version: z.string().max(100),
  node: z.string().regex(/^n_[a-z2-7]{26}$/),
  /** Raw Ed25519 keys, base64: the node's own, the one in use first, and the Monitor's. They verify ledgers and this text. */
  keys: z.strictObject({ node: z.array(publicKey).min(1).max(1000), monitor: publicKey.nullable() }),
  files: z.array(fileFacts).min(1).max(BACKUP_FILES.length),
});
export type Manifest = z.infer<typeof manifest>;

const signed = z.strictObject({ ...manifest.shape, signature: z.string().regex(/^[A-Za-z0-9+/]{86}==$/) });
export type SignedManifest = z.infer<typeof signed>;

/** Bytes over which the node signs. */
export const manifestText = (body: Manifest): string => `cortex.backup.v1\0${JSON.stringify(body)}`;

export const renderManifest = (body: Manifest, signature: string): string =>
  `${JSON.stringify({ ...body, signature }, null, 2)}\n`;

/** Read a manifest; only the very text that was written is one, so that no changed byte goes unseen. Errors: `backup.damaged`. */
export function parseManifest(
  text: string,
  verify: (key: Uint8Array, message: string, signature: string) => boolean,
): Manifest {
  const parsed = signed.safeParse(jsonOf(text));
  if (!parsed.success) throw backupErrors.damaged(`${MANIFEST} is damaged: it does not have its form`);
  const { signature, ...rest } = parsed.data;
  const body: Manifest = rest;
  const key = new Uint8Array(Buffer.from(body.keys.node[0]!, "base64"));
  const isCanonical = Buffer.from(signature, "base64").toString("base64") === signature;
  if (!isCanonical || renderManifest(body, signature) !== text || !verify(key, manifestText(body), signature))
    throw backupErrors.damaged(`${MANIFEST} was changed: its signature does not hold`);
  if (new Set(body.files.map(({ name }) => name)).size !== body.files.length)
    throw backupErrors.damaged(`${MANIFEST} names a file twice`);
  return body;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Whether a restore of it could succeed: all ledgers held. */
export const isSound = ({ files }: Manifest): boolean => files.every(({ ledger }) => !ledger?.fault);

export interface KeepRules {
  hours: number;
  days: number;
  weeks: number;
  /** Those made before a migration are counted apart. */
  migrations: number;
}

/**
 * Names of the backups to remove: of each hour, day and week the newest is kept, as many of each as the rules say, counted
 * over those that there are; and those that somebody asked for within as many hours. The newest sound one always stays.
 */
export function removable(
  all: readonly { name: string; createdAt: number; reason: BackupReason; sound: boolean }[],
  rules: KeepRules,
): string[] {
  const newest = all.toSorted((a, b) => b.createdAt - a.createdAt);
  const sound = newest.filter((one) => one.sound);
  const keep = new Set(sound.slice(0, 1).map(({ name }) => name));
  const regular = sound.filter(({ reason }) => reason !== "migration");
  for (const [count, stepMs] of [
    [rules.hours, HOUR_MS],
    [rules.days, 24 * HOUR_MS],
    [rules.weeks, 7 * 24 * HOUR_MS],
  ] as const) {
    const slots = Map.groupBy(regular, ({ createdAt }) => Math.floor(createdAt / stepMs));
    for (const [first] of [...slots.values()].slice(0, count)) keep.add(first!.name);
  }
  // One that somebody asked for, before a risky act perhaps, is not pushed out by the next one of the same hour.
  const recent = (newest[0]?.createdAt ?? 0) - rules.hours * HOUR_MS;
  for (const one of regular) if (one.reason === "asked" && one.createdAt > recent) keep.add(one.name);
  for (const { name } of newest.filter(({ reason }) => reason === "migration").slice(0, rules.migrations))
    keep.add(name);
  // One that is not sound is evidence of when the ledger was changed: the oldest of those since the last sound one.
  const since = newest.filter((one) => !one.sound && one.createdAt > (sound[0]?.createdAt ?? 0));
  if (since.length > 0) keep.add(since.at(-1)!.name).add(since[0]!.name);
  return newest.map(({ name }) => name).filter((name) => !keep.has(name));
}

const HOUR_MS = 3_600_000;
