/** Says what a server said: masked, on one line, then cut. */
export type Quote = (text: string, max?: number) => string;

const maxAnswer = 500;
/** More than enough for what is kept, so that masking a large text takes no time. */
const maxRead = 256 * 1024;

export const createQuote =
  (mask: (text: string) => string): Quote =>
  (text, max = maxAnswer) =>
    cut(
      mask(text.slice(0, maxRead).toWellFormed())
        .replaceAll(/\p{Cc}+/gu, ' ')
        .trim(),
      max,
    );

/** Cuts between code points. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
