/** How many characters (code points) of a text are shown. */
export type Truncated = { shown: number; total: number };

/** The beginning and the end of a text with this many characters; both together are all of it if it is short. */
export type Ends = { head: string; tail: string; total: number };

const countCharacters = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

/** The text, or its two ends with a note between them of how much is left out. */
export function joinEnds({ head, tail, total }: Ends): { text: string; truncated?: Truncated } {
  const shown = countCharacters(head) + countCharacters(tail);
  if (shown >= total) return { text: head + tail };
  return { text: `${head} … [${total - shown} characters left out] … ${tail}`, truncated: { shown, total } };
}

/** Cuts a text of more than `maxUnits` UTF-16 units in the middle, between code points. */
export function cutMiddle(text: string, maxUnits: number): { text: string; truncated?: Truncated } {
  if (text.length <= maxUnits) return { text };
  const headUnits = Math.ceil((maxUnits * 2) / 3);
  return joinEnds({
    head: sliceStart(text, headUnits),
    tail: text.slice(text.length - (maxUnits - headUnits)).replace(/^[\udc00-\udfff]/, ''),
    total: countCharacters(text),
  });
}

/** The first `units` UTF-16 units of a text, one less rather than half a character. */
export const sliceStart = (text: string, units: number): string => text.slice(0, units).replace(/[\ud800-\udbff]$/, '');
