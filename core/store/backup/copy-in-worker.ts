import { join } from "node:path";
import { CortexError, type ErrorKind } from "cortex";
import { backupErrors, type FileFacts } from "../../domain/backup.ts";
import type { CopyJob } from "./copy.ts";

export type CopyAnswer =
  { ok: true; files: FileFacts[] } | { ok: false; code: string; kind: ErrorKind; message: string };

/** Inside the compiled program a worker is found by its path from the root of the tree. */
const WORKER = import.meta.dir.startsWith("/$bunfs/")
  ? "./core/store/backup/copy.worker.ts"
  : join(import.meta.dir, "copy.worker.ts");

/** `copyDatabases` in a thread of its own, so that nothing waits for it. Aborting leaves files without a manifest behind. */
export async function copyInWorker(job: CopyJob, signal?: AbortSignal): Promise<FileFacts[]> {
  const worker = new Worker(WORKER, { smol: true });
  const stop = () => worker.terminate();
  try {
    const answer = await new Promise<CopyAnswer>((resolve, reject) => {
      const abort = () => reject(backupErrors.failed("the backup was stopped: Cortex is stopping"));
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      worker.onmessage = ({ data }: MessageEvent<CopyAnswer>) => resolve(data);
      worker.onerror = ({ message }) => reject(backupErrors.failed(`the copying thread ended: ${message}`));
      worker.postMessage(job);
    });
    if (answer.ok) return answer.files;
    throw new CortexError(answer.code, answer.kind, answer.message);
  } finally {
    stop();
  }
}
