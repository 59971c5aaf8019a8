/**
 * Parts of an e-mail. HTML and plain text are rendered from the same blocks. Every `text` is plain and may be hostile;
 * `href`s are our own.
 */
export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'facts'; facts: { name: string; value: string }[] }
  /** Text of targets and models, set off from the rest. */
  | { kind: 'quote'; lines: string[] }
  | { kind: 'button'; text: string; href: string }
  | { kind: 'links'; links: { text: string; href: string }[] }
  | { kind: 'note'; text: string };

const maxLength = 500;

// Control characters and line separators; then characters that are invisible or reverse the direction of text.
const unprintable = /[\p{Cc}\u2028\u2029]+/gu;
const invisible = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Converts a text to one visible line of at most `max` characters. */
export function oneLine(text: string, max = maxLength): string {
  const line = text.toWellFormed().replace(unprintable, ' ').replace(invisible, '').replace(/ +/g, ' ').trim();
  return line.length <= max ? line : `${line.slice(0, max - 1).toWellFormed()}…`;
}

export function toPlainText(blocks: readonly Block[]): string {
  return `${blocks.map(blockToText).join('\n\n')}\n`;
}

function blockToText(block: Block): string {
  switch (block.kind) {
    case 'heading':
    case 'text':
    case 'note':
      return oneLine(block.text);
    case 'facts':
      return block.facts.map(({ name, value }) => `${oneLine(name)}: ${oneLine(value)}`).join('\n');
    case 'quote':
      return block.lines.map((line) => `  | ${oneLine(line)}`).join('\n');
    case 'button':
      return `${oneLine(block.text)}: ${block.href}`;
    case 'links':
      return block.links.map(({ text, href }) => `${oneLine(text)}: ${href}`).join('\n');
  }
}
