import { Marked, type Tokens } from 'marked';
import { createAnchors } from './anchors.ts';

export type DocsPage = {
  title: string;
  /** HTML of our own files, without the title. */
  html: string;
  /** Headings of the second level. */
  sections: { anchor: string; text: string }[];
};

/**
 * Renders a page of docs/. Links between pages lead to /docs; what isn't served there becomes plain text. A picture
 * `images/<name>-light.png` is shown in the reader's theme.
 */
export function renderPage(markdown: string): DocsPage {
  const anchorOf = createAnchors();
  const sections: DocsPage['sections'] = [];
  let title = '';
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading) {
        const anchor = anchorOf(text);
        const plain = this.parser.parseInline(tokens, this.parser.textRenderer);
        if (depth === 1) {
          title = unescapeHtml(plain);
          return '';
        }
        if (depth === 2) sections.push({ anchor, text: unescapeHtml(plain) });
        return `<h${depth} id="${anchor}"><a href="#${anchor}">${this.parser.parseInline(tokens)}</a></h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link) {
        const text = this.parser.parseInline(tokens);
        const to = servedAt(href);
        return to === null ? text : `<a href="${to}">${text}</a>`;
      },
      image({ href, text }: Tokens.Image) {
        const [, name] = /^images\/([\w-]+)-light\.png$/.exec(href) ?? [];
        const at = (theme: string) => `/docs/images/${name}-${theme}.png`;
        const picture = `<picture><source srcset="${at('dark')}" media="(prefers-color-scheme: dark)">
<img src="${at('light')}" alt="${escapeHtml(text)}" width="1440" height="900" loading="lazy"></picture>`;
        return name === undefined ? escapeHtml(text) : picture;
      },
      // What scrolls has to be reachable by keyboard.
      code({ text, lang }: Tokens.Code) {
        return `<pre tabindex="0"${lang ? ` data-language="${escapeHtml(lang)}"` : ''}><code>${escapeHtml(text)}</code></pre>\n`;
      },
      table(token: Tokens.Table) {
        const row = (cells: Tokens.TableCell[], tag: 'th' | 'td') =>
          `<tr>${cells.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`;
        const body = token.rows.map((cells) => row(cells, 'td')).join('');
        return `<div class="wide" tabindex="0"><table><thead>${row(token.header, 'th')}</thead><tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  const html = marked.parse(markdown, { async: false });
  return { title, html, sections };
}

/** Where a link of a page leads in the product; null if only the repository has it. */
function servedAt(href: string): string | null {
  if (/^(https?:\/\/|#)/.test(href)) return escapeHtml(href);
  const [, name, anchor = ''] = /^([\w-]+)\.md(#[\w-]+)?$/.exec(href) ?? [];
  return name === undefined ? null : `/docs/${name}${anchor}`;
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const unescapeHtml = (html: string): string =>
  html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
