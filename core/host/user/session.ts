/** One running child of one user's plugin, as the program sees it: calls with a deadline, and events. */
import { type Clock, CortexError, messageOf } from "cortex";
import { type LineProcess, startLineProcess } from "../../ports/line-process.ts";
import type { CallName, Calls, Reply } from "./protocol.ts";

export interface Session {
  call<N extends CallName>(name: N, input: Calls[N]["in"], timeoutMs: number): Promise<Calls[N]["out"]>;
  kill(): void;
  /** Why it ended. */
  readonly ended: Promise<string>;
}

export interface SessionDeps {
  argv: readonly string[];
  clock: Clock;
  /** Anything that is no reply; not looked at yet. */
  onEvent(said: unknown): void;
  onStderr(line: string): void;
  /** A call was not answered in time: the child hangs, and has been killed. */
  onHang(call: CallName): void;
}

export function startSession(deps: SessionDeps): Session {
  const waiting = new Map<number, { settle(reply: Reply): void; fail(error: unknown): void }>();
  let lastId = 0;
  let endedWhy: string | null = null;
  const child: LineProcess = startLineProcess({
    argv: deps.argv,
    clock: deps.clock,
    onMessage(message) {
      if (isReply(message)) waiting.get(message.id)?.settle(message);
      else deps.onEvent(message);
    },
    onStderr: deps.onStderr,
  });
  const gone = (why: string) => new CortexError("plugin.ended", "unavailable", `the plugin's process ${why}`);
  // Its streams may fail while it is being killed; it has ended all the same.
  const ended = child.ended.catch((error: unknown) => messageOf(error));
  void ended.then((why) => {
    endedWhy = why;
    for (const { fail } of waiting.values()) fail(gone(why));
    waiting.clear();
  });

  function call<N extends CallName>(
    name: N,
    input: Calls[N]["in"],
    timeoutMs: number,
  ): Promise<Calls[N]["out"]> {
    if (endedWhy !== null) return Promise.reject(gone(endedWhy));
    lastId += 1;
    const id = lastId;
    const { promise, resolve, reject } = Promise.withResolvers<Calls[N]["out"]>();
    const cancel = deps.clock.after(timeoutMs, () => {
      waiting.delete(id);
      reject(
        new CortexError(
          "plugin.timeout",
          "timeout",
          `no answer within ${timeoutMs} ms; its process was stopped`,
        ),
      );
      deps.onHang(name);
      child.kill();
    });
    const done = () => {
      cancel();
      waiting.delete(id);
    };
    waiting.set(id, {
      settle(reply) {
        done();
        if (reply.ok) resolve(reply.value as Calls[N]["out"]);
        else reject(new CortexError(reply.code, "internal", reply.message));
      },
      fail(error) {
        done();
        reject(error);
      },
    });
    child.send({ id, call: name, input });
    return promise;
  }

  return { call, kill: () => child.kill(), ended };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
const isReply = (value: unknown): value is Reply =>
  isRecord(value) && typeof value.id === "number" && typeof value.ok === "boolean";
