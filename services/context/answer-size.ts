/**
 * What an answer to an agent may weigh as it is sent: once as data and once as JSON in a text. Some 25,000 tokens of
 * plain text at most, and less than the 100 kB at which some clients cut.
 */
export const maxAnswerBytes = 96_000;

/** What a page of a list fills, so that a page with an unusually long entry still fits. */
export const maxPageBytes = 72_000;

/** Bytes of a value in an answer: as JSON, and as JSON within a JSON text. */
export function answerBytes(value: unknown): number {
  const json = JSON.stringify(value) ?? '';
  return Buffer.byteLength(json) + Buffer.byteLength(JSON.stringify(json));
}

/** How many of the entries, from the first, fit into `room` bytes of an answer. At least one, if there is one. */
export function countFitting(entries: readonly unknown[], room: number): number {
  let left = room;
  const end = entries.findIndex((entry) => {
    left -= answerBytes(entry);
    return left < 0;
  });
  return end === -1 ? entries.length : Math.max(end, 1);
}
