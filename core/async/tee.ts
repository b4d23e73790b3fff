/** One iterable as several. Signatures of @std/async. */

/** N times T. */
export type Tuple<T, N extends number> = N extends N ? (number extends N ? T[] : TupleOf<T, N, []>) : never;
type TupleOf<T, N extends number, R extends unknown[]> = R["length"] extends N ? R : TupleOf<T, N, [T, ...R]>;

interface Node<T> {
  readonly result: Promise<IteratorResult<T>>;
  next?: Node<T>;
}

/** Branches that each yield everything, at their own pace; what the slowest has not read is kept. */
export function tee<T, N extends number = 2>(iterable: AsyncIterable<T>, n: N = 2 as N): Tuple<AsyncIterable<T>, N> {
  const source = iterable[Symbol.asyncIterator]();
  const head: Node<T> = { result: Promise.resolve({ done: false, value: undefined as never }) };
  const branch = async function* (): AsyncGenerator<T> {
    let node = head;
    for (;;) {
      node.next ??= { result: source.next() };
      node = node.next;
      const result = await node.result;
      if (result.done) return;
      yield result.value;
    }
  };
  // The tuple's length is N, which the type system cannot follow through Array.from.
  return Array.from({ length: n }, branch) as unknown as Tuple<AsyncIterable<T>, N>;
}
