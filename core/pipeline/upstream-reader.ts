/**
 * The upstream's side of a delivery: bytes come when they come, and are analysed when the client and the order of reads let them. What
 * must wait is kept, and the upstream paused before it is much.
 */
import type { UpstreamEnd } from "../native/native-core.ts";
import type { ByteSink, UpstreamResponse } from "../plugin/contract.ts";
import { ByteQueue } from "./byte-queue.ts";
import { type Reader, type ReadOrder, sliceBytes } from "./read-order.ts";

/** Bytes that may wait, for their turn or for a door that has not begun to deliver, before the upstream is paused. */
export const maxWaitingBytes = 65_536;

/** One upstream's bytes. */
export abstract class UpstreamReader implements ByteSink, Reader {
  virtualDeadline = 0;
  arrival = 0;
  /** Nothing more comes from upstream, or nothing more is wanted. */
  protected isUpstreamOver = false;
  private readonly upstream: UpstreamResponse;
  private readonly order: ReadOrder;
  private unread: ByteQueue | undefined;
  /** It is in the order. */
  private isQueued = false;
  private isPaused = false;
  /** How the upstream ended before everything was fed. */
  private pendingEnd: UpstreamEnd | undefined;

  constructor(upstream: UpstreamResponse, order: ReadOrder) {
    this.upstream = upstream;
    this.order = order;
  }

  /** Takes bytes that are valid during the call. */
  protected abstract feed(bytes: Uint8Array): void;
  /** Nothing comes after what was fed. */
  protected abstract ended(reason: UpstreamEnd): void;
  /** Nothing is to be fed now; `readOn` is called when that changes. */
  protected abstract get isStopped(): boolean;
  /** Too much waits elsewhere. */
  protected abstract get isFull(): boolean;
  /** What has come must be analysed soon, or it will be too late. */
  protected abstract get isUrgent(): boolean;
  abstract fail(error: Error): void;
  /** The response, which is a plugin's, threw where it was told something. */
  protected abstract threw(error: unknown): void;

  chunk(bytes: Uint8Array): void {
    if (this.isUpstreamOver) return;
    if (!this.isQueued && !this.isStopped && this.order.admits(bytes.byteLength)) {
      this.feed(bytes);
      return;
    }
    this.unread ??= new ByteQueue();
    this.unread.push(bytes.slice());
    if (this.unread.byteLength > maxWaitingBytes) this.pause();
    if (!this.isStopped) this.queue();
  }

  end(): void {
    this.ends("eof");
  }

  protected ends(reason: UpstreamEnd): void {
    if (this.hasMore || this.isStopped) this.pendingEnd = reason;
    else this.ended(reason);
  }

  /** Bytes or an end that came and were not fed. */
  protected get hasMore(): boolean {
    return this.unreadBytes > 0 || this.pendingEnd !== undefined;
  }

  protected get unreadBytes(): number {
    return this.unread?.byteLength ?? 0;
  }

  private get mayFeed(): boolean {
    return !this.isStopped && !this.isUpstreamOver;
  }

  private queue(): void {
    if (this.isQueued) return;
    this.isQueued = true;
    this.order.add(this, this.unreadBytes, this.isUrgent);
  }

  readSlice(): number {
    this.isQueued = false;
    if (!this.mayFeed || this.unread === undefined) return 0;
    const slice = this.unread.take(sliceBytes);
    this.feed(slice);
    this.readOn();
    return slice.byteLength;
  }

  /** Goes on with what waited: bytes first, then the end. */
  protected readOn(): void {
    if (this.isQueued) return;
    while (this.unread !== undefined && this.unreadBytes > 0 && this.mayFeed) {
      if (!this.order.admits(Math.min(this.unreadBytes, sliceBytes))) {
        this.queue();
        return;
      }
      this.feed(this.unread.take(sliceBytes));
    }
    if (!this.mayFeed) return;
    if (this.pendingEnd !== undefined) this.ended(this.pendingEnd);
    else this.resume();
  }

  /** Feeds whatever has come, out of turn. */
  protected readAll(): void {
    while (this.unread !== undefined && this.unreadBytes > 0 && this.mayFeed) this.feed(this.unread.take(sliceBytes));
  }

  protected forgetUnread(): void {
    this.unread = undefined;
  }

  protected pause(): void {
    if (this.isPaused || this.isUpstreamOver) return;
    this.isPaused = true;
    this.tell("pause");
  }

  private resume(): void {
    if (!this.isPaused || this.isFull) return;
    this.isPaused = false;
    this.tell("resume");
  }

  /** Cancels the upstream, if there is anything left of it. */
  protected stopUpstream(): void {
    if (this.isUpstreamOver) return;
    this.isUpstreamOver = true;
    this.tell("cancel");
  }

  /** The message has ended, with or without bytes behind it: only a connection without any can be used again. */
  protected releaseUpstream(trailing: number): void {
    if (this.isUpstreamOver) return;
    this.isUpstreamOver = true;
    this.tell(trailing === 0 && this.unreadBytes === 0 ? "release" : "cancel");
  }

  private tell(what: "pause" | "resume" | "release" | "cancel"): void {
    try {
      this.upstream[what]();
    } catch (error) {
      this.threw(error);
    }
  }
}
