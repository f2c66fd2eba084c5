/** HTTP as bytes on a socket: what no client library would send. */
import { connect } from "node:net";

export interface RawAnswer {
  /** Statuses of all answers that came on the connection, in order. */
  statuses: number[];
  /** Everything that came, as Latin-1. */
  text: string;
  /** The server closed the connection, in order or by reset. */
  closed: boolean;
}

/** Send the bytes on a new connection and read until the server closes it or is quiet. */
export function sendRaw(port: number, bytes: string | Uint8Array, quietMs = 700): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = "";
    let timer: ReturnType<typeof setTimeout>;
    const socket = connect({ port, host: "127.0.0.1" });
    const finish = (closed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      const statuses = [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map((match) => Number(match[1]));
      resolve({ statuses, text, closed });
    };
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => finish(false), quietMs);
    };
    socket.on("connect", () => {
      socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
      wait();
    });
    socket.on("data", (data: Buffer) => {
      text += data.toString("latin1");
      wait();
    });
    socket.on("error", () => finish(true));
    socket.on("close", () => finish(true));
  });
}
