/** Options come as a file, because lists of a thousand keys don't belong on a command line. */
export async function readOptions<T>(): Promise<T> {
  const file = process.argv[2];
  if (file === undefined) throw new Error("name the file with the options");
  return (await Bun.file(file).json()) as T;
}

/** The last thing a client does. Written to the end first: an exit does not wait for a pipe that is full. */
export async function answer(value: unknown): Promise<never> {
  await Bun.write(Bun.stdout, JSON.stringify(value));
  process.exit(0);
}
