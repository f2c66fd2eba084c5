/** Token buckets in memory, on the monotonic clock. */
import type { Clock } from "cortex";

export interface Buckets {
  /** Take one token; 0 when there was one, else the milliseconds until there will be. */
  take(key: string): number;
  /** The same without taking one. */
  peek(key: string): number;
}

export interface BucketOptions {
  perMinute: number;
  burst: number;
}

/** Keys remembered at most; the oldest are forgotten first, which only ever favours the caller. */
const MAX_KEYS = 50_000;

export function createBuckets(clock: Clock, { perMinute, burst }: BucketOptions): Buckets {
  const perMs = perMinute / 60_000;
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    peek(key) {
      const bucket = buckets.get(key);
      if (bucket === undefined) return 0;
      const tokens = Math.min(burst, bucket.tokens + (clock.monotonic() - bucket.at) * perMs);
      return tokens < 1 ? Math.ceil((1 - tokens) / perMs) : 0;
    },
    take(key) {
      const now = clock.monotonic();
      const bucket = buckets.get(key) ?? { tokens: burst, at: now };
      bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) * perMs);
      bucket.at = now;
      if (!buckets.has(key)) {
        buckets.set(key, bucket);
        if (buckets.size > MAX_KEYS) buckets.delete(buckets.keys().next().value!);
      }
      if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / perMs);
      bucket.tokens -= 1;
      return 0;
    },
  };
}
