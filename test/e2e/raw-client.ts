/** A client that sends exact bytes, however wrong, and keeps what comes back. */
import { connect, type Socket } from "node:net";

/** One open connection. */
export interface RawClient extends AsyncDisposable {
  readonly socket: Socket;
  /** Everything received so far, as Latin-1. */
  received(): string;
  /** Resolves when `pattern` has come, or the server has closed the connection; with everything received. */
  until(pattern: RegExp): Promise<string>;
  /** Resolves when the server has closed the connection; with everything received. */
  closed(): Promise<string>;
}

/** Connects to the gateway at `url`. */
export async function rawClient(url: string): Promise<RawClient> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let text = "";
  let ended = false;
  let wake = () => {};
  const changed = () => new Promise<void>((resolve) => (wake = resolve));
  const end = () => {
    ended = true;
    wake();
  };
  socket.on("data", (bytes) => {
    text += bytes.toString("latin1");
    wake();
  });
  // The server may reset a connection that it refuses.
  socket.on("error", end);
  socket.on("end", end);
  socket.on("close", end);
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  const until = async (pattern: RegExp | undefined) => {
    while (!ended && !pattern?.test(text)) await changed();
    return text;
  };
  return {
    socket,
    received: () => text,
    until,
    closed: () => until(undefined),
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}

/** A request's bytes; `headers` are lines that end with CR LF. */
export const rawPost = (headers: string, body = ""): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${headers}\r\n${body}`;
