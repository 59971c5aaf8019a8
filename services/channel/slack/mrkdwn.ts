/** The three characters that Slack reads as markup. Mentions and links all need one of them. */
const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const escaped = (point: string): string => escapes[point] ?? point;

/** Control characters, and those that reverse the direction of text, which would let a name pose as another. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const invisible = /[\u0000-\u0008\u000b-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Escapes untrusted text for Slack, so that it creates no link or mention, and cuts it to `max` characters, which Slack
 * counts after escaping.
 */
export function mrkdwn(text: string, max = 3000): string {
  const points = [...text.replace(invisible, ' ')].map(escaped);
  const total = points.reduce((sum, { length }) => sum + length, 0);
  if (total <= max) return points.join('');
  let length = 1;
  const end = points.findIndex((point) => {
    length += point.length;
    return length > max;
  });
  return `${points.slice(0, end).join('')}…`;
}

/** Untrusted text as one line, in which `*`, `_`, `~` and backticks don't format. */
export const inline = (text: string, max = 300): string =>
  mrkdwn(
    text.replace(/\s+/g, ' ').replace(/[*_~`]/g, (mark) => `\u200b${mark}\u200b`),
    max,
  );

const fence = '```';

/** Untrusted lines as a code block. Their backticks can't end it. */
export const codeBlock = (lines: readonly string[], max = 3000): string =>
  `${fence}\n${mrkdwn(lines.join('\n').replaceAll('`', 'ˋ'), max - 8)}\n${fence}`;

/** A link to one of our pages. `address` may contain names that people chose. */
export const link = (address: string, label: string): string =>
  `<${mrkdwn(encodeURI(tryDecodeUri(address)).replaceAll('|', '%7C'), 1500)}|${inline(label).replaceAll('|', '¦')}>`;

/** Decodes, so that what is encoded already isn't encoded twice. */
function tryDecodeUri(address: string): string {
  try {
    return decodeURI(address);
  } catch {
    // A literal percent sign, not an encoding.
    return address;
  }
}

/** A time in the reader's zone, as the ISO time where Slack can't convert it. @param at ISO time */
export const moment = (at: string): string =>
  `<!date^${Math.floor(Date.parse(at) / 1000)}^{date_short_pretty} {time}|${at}>`;
