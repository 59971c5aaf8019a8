/** A file that is written as it is read: only a part of it is in memory at a time. */
export type Download = { name: string; contentType: string; chunks: AsyncIterable<string> | Iterable<string> };

/** A JSON array, element by element. */
export async function* writeArray(elements: AsyncIterable<unknown>): AsyncGenerator<string> {
  let separator = '[';
  for await (const element of elements) {
    yield `${separator}${JSON.stringify(element)}`;
    separator = ',';
  }
  yield separator === '[' ? '[]' : ']';
}
