/** Order of times and ids: by character codes, which costs a tenth of what an order for people does. */
export const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
