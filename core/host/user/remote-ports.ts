/** The ports inside a plugin's child: each use is a question to the program, which answers what the plugin declared. */
import { CortexError, type ErrorKind, type Exec, type Fetch, type HostFs, type Net } from "cortex";
import { createRefusedPorts, type GuardedPorts } from "../../ports/user-plugins/capability.ts";
import type { Answer, Ask, PortName } from "./protocol.ts";

export interface RemotePorts {
  of(instance: string, programs: Readonly<Record<string, string | null>>): GuardedPorts;
  /** An answer came. */
  settle(answer: Answer): void;
}

export function createRemotePorts(say: (ask: Ask) => void): RemotePorts {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  let last = 0;

  function ask(instance: string, port: PortName, method: string, args: unknown[]): Promise<unknown> {
    last += 1;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    waiting.set(last, { resolve, reject });
    say({ ask: last, instance, port, method, args: args.map(withoutSignal) });
    return promise;
  }

  return {
    of(instance, programs) {
      const method =
        (port: PortName, name: string) =>
        (...args: unknown[]) =>
          ask(instance, port, name, args);
      const port = <T extends object>(name: PortName, local: Partial<T> = {}): T =>
        new Proxy(local as T, {
          get: (target, key) => Reflect.get(target, key) ?? method(name, String(key)),
        });
      return {
        ...createRefusedPorts("a user's plugin"),
        fs: port<HostFs>("fs"),
        exec: port<Exec>("exec", { which: (name) => programs[name] ?? null }),
        fetch: method("fetch", "fetch") as Fetch,
        net: port<Net>("net"),
      };
    },
    settle(answer) {
      const one = waiting.get(answer.answer);
      waiting.delete(answer.answer);
      if (answer.ok) one?.resolve(answer.value);
      else one?.reject(new CortexError(answer.code, answer.kind satisfies ErrorKind, answer.message));
    },
  };
}

/** An AbortSignal is no data; time-outs cross as numbers. */
function withoutSignal(arg: unknown): unknown {
  if (typeof arg !== "object" || arg === null || !("signal" in arg)) return arg;
  const { signal: _, ...rest } = arg;
  return rest;
}
