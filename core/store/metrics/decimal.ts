/**
 * Metric values as whole numbers with a decimal exponent, so that neighbours in time differ by small whole numbers.
 *
 * Whole numbers below 2^46 (counters, bytes up to 64 TiB) are kept exactly. Others are rounded to at least four significant
 * digits, usually five, and never coarser than 0.001: a ratio to 0.001 %, seconds to a millisecond. Larger whole numbers
 * and fractions below 1e-8 are kept as doubles.
 */
export interface Decimal {
  /** value = mantissa / 10^digits */
  mantissa: number;
  digits: number;
}

/** Above this a value is written as a double instead. */
export const MANTISSA_LIMIT = 2 ** 46;
export const MAX_DIGITS = 12;

const POWERS = Array.from({ length: MAX_DIGITS + 1 }, (_, index) => 10 ** index);
export const power = (digits: number): number => POWERS[digits] ?? 1;

export const valueOf = (decimal: Decimal): number => decimal.mantissa / power(decimal.digits);

/**
 * null when the value does not fit. `like` is the number of digits of the sample before; it is taken again where it is good
 * enough, since a change costs more than a digit too many.
 */
export function toDecimal(value: number, like: number | null): Decimal | null {
  const size = Math.abs(value);
  if (Number.isInteger(value)) {
    const digits = like !== null && size * power(like) < 1e9 ? like : 0;
    const mantissa = value * power(digits);
    return Math.abs(mantissa) < MANTISSA_LIMIT ? { mantissa, digits } : null;
  }
  // Four to seven digits are good enough to stay with the decimals of the sample before.
  const scaled = like !== null && like >= 3 ? size * power(like) : 0;
  const digits =
    scaled >= 1e3 && scaled < 1e7 ? (like as number) : Math.max(3, 4 - Math.floor(Math.log10(size)));
  if (digits > MAX_DIGITS) return null;
  const mantissa = Math.round(value * power(digits));
  return Math.abs(mantissa) < MANTISSA_LIMIT ? { mantissa, digits } : null;
}
