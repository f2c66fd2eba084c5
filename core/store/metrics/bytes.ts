/** Growing byte buffer with the variable-length integers of the metric blobs. */

/** Integers up to 2^53 in groups of seven bits, lowest first; small numbers take one byte. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  unsigned(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** Zigzag: 0, -1, 1, -2 … become 0, 1, 2, 3 … so that small amounts are short in both directions. */
  signed(value: number): void {
    this.unsigned(value < 0 ? -value * 2 - 1 : value * 2);
  }

  float(value: number): void {
    this.#reserve(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

export class ByteReader {
  #at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new RangeError("metric blob ends too early");
    this.#at += 1;
    return value;
  }

  /** Step over one integer. */
  skip(): void {
    while (this.byte() >= 0x80);
  }

  unsigned(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    let scale = 0x80;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  float(): number {
    if (this.#at + 8 > this.#bytes.length) throw new RangeError("metric blob ends too early");
    const value = new DataView(this.#bytes.buffer, this.#bytes.byteOffset).getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  take(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length) throw new RangeError("metric blob ends too early");
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
}

/** First byte 1: zstd; 0: stored as it is, because compressing made it no smaller. */
export function pack(bytes: Uint8Array): Uint8Array {
  const compressed = Bun.zstdCompressSync(bytes);
  const smaller = compressed.length < bytes.length;
  const out = new Uint8Array(1 + (smaller ? compressed.length : bytes.length));
  out[0] = smaller ? 1 : 0;
  out.set(smaller ? compressed : bytes, 1);
  return out;
}

export function unpack(blob: Uint8Array): Uint8Array {
  return blob[0] === 1 ? Bun.zstdDecompressSync(blob.subarray(1)) : blob.subarray(1);
}
