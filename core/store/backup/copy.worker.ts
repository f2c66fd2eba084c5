/** The thread in which a daemon's databases are copied. */
import { isCortexError, messageOf } from "cortex";
import { copyDatabases, type CopyJob } from "./copy.ts";
import type { CopyAnswer } from "./copy-in-worker.ts";

declare const self: Worker;

self.onmessage = ({ data }: MessageEvent<CopyJob>) => {
  void answerTo(data).then((answer) => self.postMessage(answer));
};

async function answerTo(job: CopyJob): Promise<CopyAnswer> {
  try {
    return { ok: true, files: await copyDatabases(job) };
  } catch (error) {
    const { code, kind } = isCortexError(error)
      ? error
      : { code: "backup.failed", kind: "unavailable" as const };
    return { ok: false, code, kind, message: messageOf(error) };
  }
}
