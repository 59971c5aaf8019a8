import { type CSSProperties, Fragment, createElement as h, type ReactElement, type ReactNode } from 'react';
import { type Block, oneLine } from './blocks.ts';

/**
 * Renders an e-mail's blocks as an HTML document that loads nothing. React escapes every text. Styles are attributes,
 * since mail clients drop the rest. Not JSX, which Node doesn't run.
 */
export function EmailDocument({ title, blocks }: { title: string; blocks: readonly Block[] }): ReactElement {
  return h(
    'html',
    { lang: 'en' },
    h(
      'head',
      null,
      h('meta', { charSet: 'utf-8' }),
      h('meta', { name: 'viewport', content: 'width=device-width' }),
      h('title', null, title),
    ),
    h(
      'body',
      { style: styles.page },
      h(
        'div',
        { style: styles.column },
        blocks.map((block, key) => h(BlockElement, { block, key })),
      ),
    ),
  );
}

function BlockElement({ block }: { block: Block }): ReactElement {
  switch (block.kind) {
    case 'heading':
      return h('h1', { style: styles.heading }, shorten(block.text));
    case 'text':
      return h('p', { style: styles.paragraph }, shorten(block.text));
    case 'facts':
      return h(
        'p',
        { style: styles.paragraph },
        onLines(
          block.facts.map(({ name, value }) =>
            h(Fragment, null, h('strong', null, `${shorten(name)}:`), ` ${shorten(value)}`),
          ),
        ),
      );
    case 'quote':
      return h('div', { style: styles.quote }, onLines(block.lines.map(shorten)));
    case 'button':
      return h(
        'p',
        { style: styles.paragraph },
        h('a', { href: block.href, style: styles.button }, shorten(block.text)),
      );
    case 'links':
      return h(
        'p',
        { style: styles.paragraph },
        onLines(block.links.map(({ text, href }) => h('a', { href, style: styles.link }, shorten(text)))),
      );
    case 'note':
      return h('p', { style: styles.note }, shorten(block.text));
  }
}

const shorten = (text: string): string => oneLine(text, 2000);

const onLines = (lines: readonly ReactNode[]): ReactNode[] =>
  lines.map((line, key) => h(Fragment, { key }, key > 0 && h('br'), line));

const styles = {
  page: {
    margin: 0,
    padding: 16,
    background: '#ffffff',
    fontFamily: "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif",
    color: '#1f2937',
    fontSize: 16,
    lineHeight: 1.5,
  },
  column: { maxWidth: 600, margin: '0 auto' },
  heading: { margin: '0 0 16px', fontSize: 20, lineHeight: 1.3 },
  paragraph: { margin: '0 0 16px' },
  quote: {
    margin: '0 0 16px',
    padding: '8px 12px',
    borderLeft: '4px solid #d1d5db',
    background: '#f9fafb',
    fontFamily: 'Menlo,Consolas,monospace',
    fontSize: 14,
    overflowWrap: 'anywhere',
  },
  button: {
    display: 'inline-block',
    padding: '10px 16px',
    borderRadius: 6,
    background: '#1d4ed8',
    color: '#ffffff',
    textDecoration: 'none',
  },
  link: { color: '#1d4ed8' },
  note: { margin: '24px 0 0', color: '#6b7280', fontSize: 13 },
} satisfies { [name: string]: CSSProperties };
