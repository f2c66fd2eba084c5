/** Keeping what must be read again but never lie about in the clear: secrets of factors, states of sign-ins. */
export interface Sealer {
  /** `purpose` and `row` are bound to the result: moved to another row it can't be opened. */
  seal(purpose: string, row: string, text: string): string;
  /** Throws for what was not sealed with this purpose and row. */
  open(purpose: string, row: string, sealed: string): string;
}
