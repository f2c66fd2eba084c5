/** One question and one answer, each a line of text, over a unix socket. Small, slow-proof and deaf to strangers. */
import { chmodSync, chownSync, lstatSync, rmSync } from "node:fs";
import { defineErrors, messageOf } from "cortex";
import { openPeerLookup, type Peer } from "./peer.ts";

const errors = defineErrors("socket", {
  unavailable: "unavailable",
  timeout: "timeout",
  no_answer: "unavailable",
  in_the_way: "conflict",
});

export interface LineServerOptions {
  /** A path to make, for processes of `uid`; or the listening descriptor that was handed over. */
  at: { path: string; uid: number } | { fd: number };
  maxBytes: number;
  /** How long a question may take to arrive. */
  readSeconds: number;
  maxConnections: number;
  /** Before a byte is read: whether this one may speak. */
  admits(peer: Peer): boolean;
  /** Never throws. */
  answer(line: string, peer: Peer): Promise<string>;
  /** The answer to a question that is too long; it is not read to its end. */
  tooLong(peer: Peer): string;
}

interface Conversation {
  peer: Peer;
  text: Buffer;
  asked: boolean;
}

/** Errors: `socket.unavailable`, `socket.in_the_way` for a file that is no socket. */
export function serveLines(options: LineServerOptions): { stop(): void } {
  const peerOf = openPeerLookup();
  if (typeof peerOf === "string") throw errors.unavailable(`nobody's user can be told here: ${peerOf}`);
  let open = 0;
  const handlers: Bun.SocketHandler<Conversation | undefined> = {
    open(socket) {
      open += 1;
      const peer = peerOf((socket as unknown as { fd: number }).fd);
      if (peer === null || open > options.maxConnections || !options.admits(peer))
        return void socket.terminate();
      socket.data = { peer, text: Buffer.alloc(0), asked: false };
      socket.timeout(options.readSeconds);
    },
    data(socket, chunk) {
      const talk = socket.data;
      if (talk === undefined || talk.asked) return;
      talk.text = Buffer.concat([talk.text, chunk]);
      const end = talk.text.indexOf("\n");
      if (end < 0 && talk.text.length <= options.maxBytes) return;
      talk.asked = true;
      // An answer may take its time; a peer that is told no has a moment to go.
      socket.timeout(0);
      if (end < 0 || end > options.maxBytes) return void socket.end(`${options.tooLong(talk.peer)}\n`);
      void options
        .answer(talk.text.toString("utf8", 0, end), talk.peer)
        .then((answer) => socket.end(`${answer}\n`));
    },
    timeout: (socket) => void socket.terminate(),
    close() {
      open -= 1;
    },
    error: (socket) => void socket.terminate(),
  };
  const listener = listen(options.at, handlers);
  return { stop: () => listener.stop(true) };
}

function listen(
  at: LineServerOptions["at"],
  socket: Bun.SocketHandler<Conversation | undefined>,
): { stop(now: boolean): void } {
  if ("fd" in at)
    try {
      // Bun takes a listening descriptor here as it does for clients; its types say so of clients only.
      return Bun.listen({ fd: at.fd, socket } as unknown as Bun.UnixSocketOptions<undefined>);
    } catch (error) {
      throw errors.unavailable(`descriptor ${at.fd} is no socket that listens: ${messageOf(error)}`, {
        cause: error,
      });
    }
  const before = lstatSync(at.path, { throwIfNoEntry: false });
  if (before !== undefined && !before.isSocket())
    throw errors.in_the_way(`${at.path} is no socket; move it away, the helper makes it itself`);
  rmSync(at.path, { force: true });
  // Nobody may connect between the two: the folder is root's, and the socket is closed to others from its first moment.
  const umask = process.umask(0o177);
  try {
    const listener = Bun.listen({ unix: at.path, socket });
    chownSync(at.path, at.uid, -1);
    chmodSync(at.path, 0o600);
    return listener;
  } catch (error) {
    throw errors.unavailable(`${at.path} can't be made: ${messageOf(error)}`, { cause: error });
  } finally {
    process.umask(umask);
  }
}

/** Errors: `socket.unavailable` before the question was sent; `socket.timeout`, `socket.no_answer` after. */
export async function askLine(path: string, question: string, timeoutMs: number): Promise<string> {
  const done = Promise.withResolvers<string>();
  let text = "";
  let sent = false;
  let rest = Buffer.from(`${question}\n`);
  const write = (socket: Bun.Socket) => {
    sent = true;
    const written = socket.write(rest);
    rest = rest.subarray(Math.max(0, written));
  };
  const gone = (why: string) =>
    done.reject((sent ? errors.no_answer : errors.unavailable)(`${path} did not answer: ${why}`));
  const timer = setTimeout(
    () => done.reject(errors.timeout(`${path} did not answer within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  const connecting = Bun.connect({
    unix: path,
    socket: {
      open: write,
      drain: (socket) => {
        if (rest.length > 0) write(socket);
      },
      data(_socket, chunk) {
        text += chunk.toString("utf8");
        if (text.endsWith("\n")) done.resolve(text.slice(0, -1));
      },
      close: () => gone("it closed the connection"),
      error: (_socket, error) => gone(messageOf(error)),
      connectError: (_socket, error) => gone(messageOf(error)),
    },
  });
  connecting.catch((error: unknown) => gone(messageOf(error)));
  try {
    return await done.promise;
  } finally {
    clearTimeout(timer);
    void connecting.then(
      (socket) => socket.terminate(),
      () => undefined,
    );
  }
}
