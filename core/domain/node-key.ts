/**
 * Names of Ed25519 keys, made from the key itself: `n_…` of the node that was born with it, `k_…` of the key alone (a node may
 * change its key and stays the same node), and eight words for people who compare two screens.
 */
import { createHash } from "node:crypto";
import { wordlist } from "@scure/bip39/wordlists/english.js";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const NAME_LENGTH = 26;
const WORDS = 8;
const BITS_PER_WORD = 11;

/** The first bits of a digest as one number. */
function firstBits(digest: Uint8Array, bits: number): bigint {
  const bytes = Math.ceil(bits / 8);
  let value = 0n;
  for (const byte of digest.subarray(0, bytes)) value = (value << 8n) | BigInt(byte);
  return value >> BigInt(bytes * 8 - bits);
}

/** The first 26 characters (130 bits) of base32(sha256(raw public key)), lower case. */
function nameOf(publicKey: Uint8Array): string {
  let bits = firstBits(createHash("sha256").update(publicKey).digest(), NAME_LENGTH * 5);
  let name = "";
  for (let index = 0; index < NAME_LENGTH; index += 1) {
    name = ALPHABET.charAt(Number(bits & 31n)) + name;
    bits >>= 5n;
  }
  return name;
}

export const nodeIdOf = (publicKey: Uint8Array): string => `n_${nameOf(publicKey)}`;
export const keyIdOf = (publicKey: Uint8Array): string => `k_${nameOf(publicKey)}`;

/** sha256 of the raw public key, base64url: what a join string pins. */
export const keyHashOf = (publicKey: Uint8Array): string =>
  createHash("sha256").update(publicKey).digest("base64url");

/**
 * Eight words of the 2048 of BIP-39 (88 bits of the key's digest): "acid bonus …". Enough that nobody makes a second key with
 * the same words, few enough to be compared by eye.
 */
export function fingerprintWords(publicKey: Uint8Array): string {
  let bits = firstBits(createHash("sha256").update(publicKey).digest(), WORDS * BITS_PER_WORD);
  const words: string[] = [];
  for (let index = 0; index < WORDS; index += 1) {
    words.unshift(wordlist[Number(bits & 2047n)]!);
    bits >>= 11n;
  }
  return words.join(" ");
}
