/** One running child of one user's plugin, as the program sees it: calls with a deadline, and events. */
import { type Clock, CortexError, messageOf } from "cortex";
import { type LineProcess, startLineProcess } from "../../ports/processes/line-process.ts";
import { readTree } from "../../ports/processes/process-tree.ts";
import { isAsk } from "./broker.ts";
import type { Answer, Ask, CallName, Calls, Reply } from "./protocol.ts";

/** Between two looks at what the child uses. */
const WATCH_MS = 250;
/** The child and the cage around it are three; anything beyond a handful multiplies. */
const MAX_PROCESSES = 16;
/** A question is work for the program: a child that asks more within a second floods. */
const MAX_ASKS_PER_SECOND = 1000;

export interface Session {
  call<N extends CallName>(name: N, input: Calls[N]["in"], timeoutMs: number): Promise<Calls[N]["out"]>;
  kill(): void;
  /** Why it ended. */
  readonly ended: Promise<string>;
}

export interface SessionDeps {
  argv: readonly string[];
  clock: Clock;
  memoryBytes: number;
  /** The child asks for a port; null: no answer. */
  onAsk(ask: Ask): Promise<Answer | null>;
  /** It uses more memory, or has more processes, than it may. */
  onTooLarge(bytes: number): void;
  onTooMany(count: number): void;
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
      else if (isAsk(message)) asked(message);
      else deps.onEvent(message);
    },
    onStderr: deps.onStderr,
  });
  let cancelWatch = () => {};
  let second = -1;
  let asks = 0;

  function asked(ask: Ask): void {
    const now = Math.floor(deps.clock.monotonic() / 1000);
    asks = now === second ? asks + 1 : 1;
    second = now;
    if (asks > MAX_ASKS_PER_SECOND)
      return child.kill(`flooded: more than ${MAX_ASKS_PER_SECOND} questions within a second`);
    void deps.onAsk(ask).then((answer) => {
      if (answer !== null && endedWhy === null) child.send(answer);
    });
  }

  function watch(): void {
    cancelWatch = deps.clock.after(WATCH_MS, () => {
      const { anonymousBytes, processes } = readTree(child.pid);
      if (anonymousBytes > deps.memoryBytes) deps.onTooLarge(anonymousBytes);
      else if (processes > MAX_PROCESSES) deps.onTooMany(processes);
      else watch();
    });
  }
  watch();

  const gone = (why: string) => new CortexError("plugin.ended", "unavailable", `the plugin's process ${why}`);
  // Its streams may fail while it is being killed; it has ended all the same.
  const ended = child.ended.catch((error: unknown) => messageOf(error));
  void ended.then((why) => {
    endedWhy = why;
    cancelWatch();
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
