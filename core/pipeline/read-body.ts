/** Reads a small body of an upstream as a whole: that of a refusal. */
import type { UpstreamResponse } from "../plugin/contract.ts";
import type { PipelinePlan } from "./plan.ts";

/** More of an error body is not read, in bytes. */
const maxBytes = 65_536;

/** Bytes of the body without its framing; what came so far where it is too long or breaks off. Never rejects. */
export function readBody(response: UpstreamResponse, plan: PipelinePlan): Promise<Uint8Array> {
  // The native wire knows HTTP's framings; as a whole answer without choices the body passes it as it is.
  const wire =
    response.framing === "identity"
      ? undefined
      : plan.native.openWire({
          mode: "unary",
          framing: response.framing,
          contentLength: response.contentLength,
          stripUsage: false,
          choiceCount: 1,
          passUnknown: true,
          flow: false,
        });
  const pieces: Uint8Array[] = [];
  let length = 0;
  return new Promise((resolve) => {
    let isOver = false;
    const finish = (how: "release" | "cancel" | "none") => {
      if (isOver) return;
      isOver = true;
      if (how === "release") response.release();
      if (how === "cancel") response.cancel();
      wire?.[Symbol.dispose]();
      const body = new Uint8Array(length);
      let at = 0;
      for (const piece of pieces) {
        body.set(piece, at);
        at += piece.byteLength;
      }
      resolve(body);
    };
    const keep = (bytes: Uint8Array) => {
      if (bytes.byteLength === 0) return;
      pieces.push(bytes.slice());
      length += bytes.byteLength;
    };
    const drain = (first: Uint8Array) => {
      keep(first);
      while (wire?.state.more && length <= maxBytes) keep(wire.drain());
    };
    response.read({
      chunk(bytes) {
        if (isOver) return;
        if (wire === undefined) keep(bytes);
        else {
          drain(wire.feed(bytes));
          if (wire.state.messageEnd && !wire.state.done) drain(wire.end("eof"));
        }
        if (length > maxBytes) finish("cancel");
        else if (wire?.state.messageEnd) finish(wire.state.trailing === 0 ? "release" : "cancel");
      },
      end() {
        if (!isOver && wire !== undefined && !wire.state.done) drain(wire.end("eof"));
        finish("none");
      },
      fail: () => finish("none"),
    });
  });
}
