/** People at the door: they sign in over TCP, keep their cookie, and may come from any loopback address. */
import { request as httpRequest } from "node:http";

export interface Answered<T = unknown> {
  status: number;
  json: T;
  text: string;
  headers: Record<string, string | string[] | undefined>;
}

export interface Asking {
  body?: unknown;
  cookie?: string;
  key?: string;
  /** Local address to come from, for example 127.0.0.2. */
  from?: string;
}

/** One request, as a browser's own page or a program would send it. */
export function ask<T = unknown>(
  base: string,
  method: string,
  path: string,
  { body, cookie, key, from }: Asking = {},
): Promise<Answered<T>> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered<T>>();
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers: Record<string, string> = {};
  if (cookie !== undefined) Object.assign(headers, { cookie, origin: base });
  if (key !== undefined) headers.authorization = `Bearer ${key}`;
  if (text !== undefined)
    Object.assign(headers, {
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(text)),
    });
  const request = httpRequest(
    new URL(`/api/v1/${path}`, base),
    { method, headers, ...(from !== undefined && { localAddress: from }) },
    (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const all = Buffer.concat(chunks).toString();
        resolve({
          status: response.statusCode ?? 0,
          json: parsed(all) as T,
          text: all,
          headers: response.headers,
        });
      });
    },
  );
  request.on("error", reject);
  request.end(text);
  return promise;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const PASSWORD = "correct horse battery staple";

/** `name=value` of the session's cookie; null when the answer opened no session. */
export function cookieOf({ headers }: Pick<Answered, "headers">): string | null {
  const all = [headers["set-cookie"] ?? []].flat();
  return all.flatMap((one) => /^(__Host-cortex=[\w-]+)/.exec(one)?.[1] ?? []).at(-1) ?? null;
}

export const logIn = (base: string, name: string, password = PASSWORD, from?: string) =>
  ask(base, "POST", "auth/login", { body: { name, password }, ...(from !== undefined && { from }) });

/** Browsers can't send headers with a WebSocket; Bun can, and its types give way to the DOM's. */
const SocketWithHeaders = WebSocket as unknown as new (
  url: string,
  options: { headers: Record<string, string> },
) => WebSocket;

export interface OpenSocket {
  /** Resolves with the close code. */
  closed: Promise<number>;
  readonly isOpen: boolean;
}

/** A live socket as the dashboard opens it; resolves once it is open. */
export async function openSocket(base: string, headers: Record<string, string>): Promise<OpenSocket> {
  const socket = new SocketWithHeaders(`${base.replace(/^http/, "ws")}/api/v1/live`, { headers });
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<number>();
  socket.addEventListener("open", () => opened.resolve());
  socket.addEventListener("error", () => opened.reject(new Error("the live socket was refused")));
  socket.addEventListener("close", ({ code }) => closed.resolve(code));
  await opened.promise;
  return {
    closed: closed.promise,
    get isOpen() {
      return socket.readyState === WebSocket.OPEN;
    },
  };
}
