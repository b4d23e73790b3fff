/** Several iterables as one. Signatures of @std/async. */

/** Yields values of all added iterables as they come. */
export class MuxAsyncIterator<T> implements AsyncIterable<T> {
  private readonly waiting = new Map<
    AsyncIterator<T>,
    Promise<{ readonly iterator: AsyncIterator<T>; readonly result: IteratorResult<T> }>
  >();

  /** Adds one; also while iterating. */
  add(iterable: AsyncIterable<T>): void {
    this.advance(iterable[Symbol.asyncIterator]());
  }

  private advance(iterator: AsyncIterator<T>): void {
    this.waiting.set(
      iterator,
      iterator.next().then((result) => ({ iterator, result })),
    );
  }

  /** Ends when all have ended; the first failure of one is thrown. */
  async *iterate(): AsyncIterableIterator<T> {
    while (this.waiting.size > 0) {
      const { iterator, result } = await Promise.race(this.waiting.values());
      this.waiting.delete(iterator);
      if (result.done) continue;
      yield result.value;
      this.advance(iterator);
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this.iterate();
  }
}
