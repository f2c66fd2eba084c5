/** Answers what a plugin's child asks for: within what the plugin declared, and within bounds that no plugin sets. */
import { basename } from "node:path";
import { type Capability, CortexError, type Exec, isCortexError, messageOf } from "cortex";
import * as z from "zod";
import { guardExec, type GuardedPorts, guardPorts } from "../../ports/user-plugins/capability.ts";
import type { Answer, Ask } from "./protocol.ts";
import { PORT_METHODS } from "./protocol.ts";

export interface Broker {
  answer(ask: unknown): Promise<Answer | null>;
}

export interface BrokerDeps {
  plugin: string;
  capabilities: readonly Capability[];
  /** The ports as this plugin may have them at most; what it did not declare is refused here. */
  ports: GuardedPorts;
  /** Put before a declared program; null: none can run, and `why` says it. */
  programs: readonly string[] | null;
}

/** More at a time would let one plugin fill the program's queue. */
const MAX_WAITING = 32;
const MAX_TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 512 * 1024;
/** Nothing that makes a program load code of somebody's choice (LD_PRELOAD, PATH, PYTHONPATH, …). */
const ENV_ALLOWED = /^(LANG|LANGUAGE|LC_[A-Z]+|TZ)$/;

const path = z.string().min(1).max(4096).startsWith("/", "must be an absolute path");
const ms = z.number().min(1).max(MAX_TIMEOUT_MS);
const host = z.string().min(1).max(255);
const port = z.number().int().min(1).max(65_535);
const execOptions = z.strictObject({
  timeoutMs: ms.optional(),
  maxOutputBytes: z.number().int().min(1).max(MAX_OUTPUT_BYTES).optional(),
  stdin: z.string().max(65_536).optional(),
  env: z
    .record(z.string().regex(ENV_ALLOWED, "only LANG, LC_… and TZ can be set"), z.string().max(200))
    .optional(),
});
const fetchOptions = z.strictObject({
  method: z.enum(["GET", "HEAD", "POST"]).optional(),
  headers: z.record(z.string().max(200), z.string().max(8192)).optional(),
  body: z.string().max(65_536).optional(),
  timeoutMs: ms.optional(),
  maxBytes: z.number().int().min(1).max(MAX_OUTPUT_BYTES).optional(),
  maxRedirects: z.number().int().min(0).max(10).optional(),
});

/** The arguments of each method; what is not here can't be asked for. */
const ARGUMENTS: { [port: string]: { [method: string]: z.ZodType<unknown[]> } } = {
  fs: {
    readText: z.tuple([path]),
    readTextIfPresent: z.tuple([path]),
    list: z.tuple([path]),
    exists: z.tuple([path]),
    stat: z.tuple([path]),
    readLink: z.tuple([path]),
    usage: z.tuple([path, ms.optional()]),
  },
  exec: { run: z.tuple([z.array(z.string().max(8192)).min(1).max(200), execOptions.optional()]) },
  fetch: { fetch: z.tuple([z.string().max(8192), fetchOptions.optional()]) },
  net: {
    connect: z.tuple([host, port, ms]),
    resolve: z.tuple([host, ms, host.optional()]),
    certificate: z.tuple([host, port, host, ms]),
  },
};

const ask = z.object({
  ask: z.number().int(),
  instance: z.string().max(100),
  port: z.enum(Object.keys(PORT_METHODS) as [keyof typeof PORT_METHODS]),
  method: z.string().max(50),
  args: z.array(z.unknown()).max(10),
});

/** Whether a message is a question; only its shape is looked at. */
export const isAsk = (message: unknown): message is Ask =>
  typeof message === "object" && message !== null && typeof (message as Ask).ask === "number";

export function createBroker(deps: BrokerDeps): Broker {
  const exec = withoutRights(deps);
  const ports = guardPorts({ ...deps.ports, exec }, deps.plugin, deps.capabilities);
  let waiting = 0;

  async function carryOut(asked: z.infer<typeof ask>): Promise<unknown> {
    const schema = Object.hasOwn(ARGUMENTS[asked.port] ?? {}, asked.method)
      ? ARGUMENTS[asked.port]![asked.method]!
      : null;
    if (schema === null) throw invalid(`there is no ${asked.port}.${asked.method}`);
    // Arguments at the end that were left out arrive as null.
    const parsed = schema.safeParse(asked.args.map((one) => one ?? undefined));
    if (!parsed.success)
      throw invalid(`${asked.port}.${asked.method}: ${parsed.error.issues[0]?.message ?? "invalid"}`);
    const target = ports[asked.port] as unknown as Record<string, (...args: unknown[]) => unknown>;
    if (asked.port === "fetch") return (target as unknown as (...args: unknown[]) => unknown)(...parsed.data);
    return target[asked.method]!(...parsed.data);
  }

  return {
    async answer(message) {
      const asked = ask.safeParse(message);
      if (!asked.success) return null;
      const id = asked.data.ask;
      if (waiting >= MAX_WAITING)
        return refusal(
          id,
          new CortexError("plugin.busy", "unavailable", `more than ${MAX_WAITING} questions at once`),
        );
      waiting += 1;
      try {
        return { answer: id, ok: true, value: (await carryOut(asked.data)) ?? null };
      } catch (error) {
        return refusal(id, error);
      } finally {
        waiting -= 1;
      }
    },
  };
}

const invalid = (why: string) => new CortexError("plugin.invalid", "invalid", why);

function refusal(id: number, error: unknown): Answer {
  const { code, kind } = isCortexError(error) ? error : { code: "plugin.port", kind: "internal" as const };
  return { answer: id, ok: false, code, kind, message: messageOf(error).slice(0, 2000) };
}

/** Only what is declared, by its name, and only from the system's folders: `/tmp/x/systemctl` is not systemctl. */
export function onlySystemPrograms(exec: Exec, plugin: string, capabilities: readonly Capability[]): Exec {
  return guardExec(startingWith(exec, []), plugin, new Set<string>(capabilities));
}

function startingWith(exec: Exec, prefix: readonly string[]): Exec {
  return {
    which: (name) => exec.which(name),
    async run(argv, options) {
      const name = basename(argv[0] ?? "");
      const found = exec.which(name);
      if (found === null || (argv[0] !== name && argv[0] !== found))
        throw new CortexError(
          "exec.not_found",
          "not_found",
          `${argv[0]} is not installed in a system folder`,
        );
      const result = await exec.run([...prefix, found, ...argv.slice(1)], options);
      return { ...result, argv };
    },
  };
}

/** What a check starts has the rights of the plugin's user. */
function withoutRights({ ports, programs, plugin }: BrokerDeps): Exec {
  if (programs !== null) return startingWith(ports.exec, programs);
  const why = `${plugin} may start no program as root, and setpriv is not installed; install util-linux`;
  return {
    which: (name) => ports.exec.which(name),
    run: () => Promise.reject(new CortexError("exec.denied", "forbidden", why)),
  };
}
