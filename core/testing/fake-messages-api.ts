/** The Messages API without a model, served on loopback; see the file that says what it answers. */
import type { Fetch } from "cortex";
import { createMessagesApi, type MessagesApi } from "../decide/eval/messages-api.ts";
import { createFetch } from "../ports/network/fetch.ts";

export interface FakeMessagesApi extends Omit<MessagesApi, "answer"> {
  url: string;
  /** The real client of plugins, allowed to come here. */
  fetch: Fetch;
  stop(): Promise<void>;
}

export function startFakeMessagesApi(): FakeMessagesApi {
  const stopping = new AbortController();
  const { answer, ...api } = createMessagesApi((ms) => sleep(ms, stopping.signal));
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 120, fetch: answer });
  return {
    ...api,
    url: `http://127.0.0.1:${server.port}`,
    fetch: createFetch(),
    async stop() {
      stopping.abort();
      await server.stop(true);
    },
  };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
