/** Slack reads three characters as markup; everything else that could begin a mention or a link needs one of them. */
const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const escaped = (point: string): string => escapes[point] ?? point;

/** Control characters, and those that turn the direction of the text around them, which would let a name pose as another. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Untrusted text for Slack: escaped, so that it makes no link and mentions nobody, and cut to `most` characters as Slack counts them:
 * after escaping.
 */
export function mrkdwn(text: string, most = 3000): string {
  const points = [...text.replace(unseen, ' ')].map(escaped);
  const whole = points.reduce((sum, { length }) => sum + length, 0);
  if (whole <= most) return points.join('');
  let length = 1;
  const end = points.findIndex((point) => {
    length += point.length;
    return length > most;
  });
  return `${points.slice(0, end).join('')}…`;
}

/** Untrusted text in one line that no `*`, `_`, `~` or backtick changes the look of. */
export const inline = (text: string, most = 300): string =>
  mrkdwn(
    text.replace(/\s+/g, ' ').replace(/[*_~`]/g, (mark) => `\u200b${mark}\u200b`),
    most,
  );

const fence = '```';

/** Untrusted lines as a block of code; no backtick of theirs can end it. */
export const codeBlock = (lines: readonly string[], most = 3000): string =>
  `${fence}\n${mrkdwn(lines.join('\n').replaceAll('`', 'ˋ'), most - 8)}\n${fence}`;

/** A link to a page of ours. `path` may hold what people named. */
export const link = (address: string, words: string): string =>
  `<${mrkdwn(encodeURI(decodeURISafely(address)).replaceAll('|', '%7C'), 1500)}|${inline(words).replaceAll('|', '¦')}>`;

/** What is encoded already stays so once. */
function decodeURISafely(address: string): string {
  try {
    return decodeURI(address);
  } catch {
    // Not an encoding: a per cent sign that stands for itself.
    return address;
  }
}

/** A moment in the reader's zone, the exact time where Slack can't tell it. @param at ISO time */
export const moment = (at: string): string =>
  `<!date^${Math.floor(Date.parse(at) / 1000)}^{date_short_pretty} {time}|${at}>`;
