/** The code of what `work` throws, and its message; null when it does not throw. */
export function thrown(work: () => unknown): { code: string; message: string } | null {
  try {
    work();
    return null;
  } catch (error) {
    return { code: String((error as { code?: unknown }).code), message: (error as Error).message };
  }
}
