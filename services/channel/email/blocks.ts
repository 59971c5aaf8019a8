/**
 * What an e-mail consists of. HTML and text are made of the same blocks, so that they say the same. Every `text` is plain and may be
 * hostile: it is made one line, bounded and escaped here. `href`s are our own.
 */
export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'facts'; facts: { name: string; value: string }[] }
  /** Words of others, as they are, set apart. */
  | { kind: 'quote'; lines: string[] }
  | { kind: 'button'; text: string; href: string }
  | { kind: 'links'; links: { text: string; href: string }[] }
  | { kind: 'note'; text: string };

const longest = 500;

// Control characters, line separators, and what turns the direction of writing or can't be seen.
const unprintable = /[\p{Cc}\u2028\u2029]+/gu;
const invisible = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** A text as one line of at most `most` characters. */
export function oneLine(text: string, most = longest): string {
  const line = text.toWellFormed().replace(unprintable, ' ').replace(invisible, '').replace(/ +/g, ' ').trim();
  return line.length <= most ? line : `${line.slice(0, most - 1).toWellFormed()}…`;
}

export function toText(blocks: readonly Block[]): string {
  return `${blocks.map(textOf).join('\n\n')}\n`;
}

function textOf(block: Block): string {
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

/** A whole document. Styles stand in attributes, since mail clients drop the rest; nothing is loaded. */
export function toHtml(blocks: readonly Block[], { title }: { title: string }): string {
  const font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;color:#1f2937";
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${escaped(title)}</title></head>`,
    `<body style="margin:0;padding:16px;background:#ffffff;${font};font-size:16px;line-height:1.5">`,
    '<div style="max-width:600px;margin:0 auto">',
    ...blocks.map(htmlOf),
    '</div></body></html>',
    '',
  ].join('\n');
}

function htmlOf(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3">${escaped(block.text)}</h1>`;
    case 'text':
      return `<p style="margin:0 0 16px">${escaped(block.text)}</p>`;
    case 'facts':
      return `<p style="margin:0 0 16px">${block.facts
        .map(({ name, value }) => `<strong>${escaped(name)}:</strong> ${escaped(value)}`)
        .join('<br>')}</p>`;
    case 'quote':
      return `<div style="margin:0 0 16px;padding:8px 12px;border-left:4px solid #d1d5db;background:#f9fafb;font-family:Menlo,Consolas,monospace;font-size:14px;overflow-wrap:anywhere">${block.lines
        .map(escaped)
        .join('<br>')}</div>`;
    case 'button':
      return `<p style="margin:0 0 16px"><a href="${escaped(block.href)}" style="display:inline-block;padding:10px 16px;border-radius:6px;background:#1d4ed8;color:#ffffff;text-decoration:none">${escaped(block.text)}</a></p>`;
    case 'links':
      return `<p style="margin:0 0 16px">${block.links
        .map(({ text, href }) => `<a href="${escaped(href)}" style="color:#1d4ed8">${escaped(text)}</a>`)
        .join('<br>')}</p>`;
    case 'note':
      return `<p style="margin:24px 0 0;color:#6b7280;font-size:13px">${escaped(block.text)}</p>`;
  }
}

const entities: { [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string =>
  oneLine(text, 2000).replace(/[&<>"']/g, (character) => entities[character] ?? character);
