/** "1 node", "2 nodes". */
export const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;
