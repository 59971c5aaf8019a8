import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createDocs } from './index.ts';
import { renderPage } from './render.ts';

describe('a page of the documentation', () => {
  it('is HTML with the anchors of GitHub, whose links lead to other pages as they are served', () => {
    const { title, html, sections } = renderPage(
      [
        '# All of `it`',
        'See [Runs](runs.md#what-a-run-is), [below](#a-b), [the code](../CONTRIBUTING.md), [MCP](https://example.com/?a&b).',
        '## A & b',
        '## A & b',
        '```json\n{"a": "<b>"}\n```',
        '| a |\n| - |\n| `b` |',
        '![A "run"](images/run-light.png) ![elsewhere](https://example.com/a.png)',
      ].join('\n\n'),
    );
    expect(title).toBe('All of it');
    expect(sections).toEqual([
      { anchor: 'a--b', text: 'A & b' },
      { anchor: 'a--b-1', text: 'A & b' },
    ]);
    expect(html).toContain('<a href="/docs/runs#what-a-run-is">Runs</a>');
    expect(html).toContain('<a href="https://example.com/?a&amp;b">MCP</a>');
    expect(html).toContain(', the code,');
    expect(html).toContain('<h2 id="a--b-1">');
    expect(html).toContain('<code>{&quot;a&quot;: &quot;&lt;b&gt;&quot;}</code>');
    expect(html).toContain('<td><code>b</code></td>');
    expect(html).toContain('srcset="/docs/images/run-dark.png" media="(prefers-color-scheme: dark)"');
    expect(html).toContain('<img src="/docs/images/run-light.png" alt="A &quot;run&quot;"');
    expect(html).toContain('</picture> elsewhere');
  });

  it('leads nowhere that is not served', async () => {
    const pages = await createDocs({ folder: fileURLToPath(new URL('../../docs', import.meta.url)) }).pages();
    const anchors = (name: string) => [...(pages.get(name)?.html ?? '').matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    const links = [...pages].flatMap(([from, { html }]) =>
      [...html.matchAll(/ href="(\/docs\/([\w-]+))?(?:#([^"]*))?"/g)].map(([, , page = from, anchor]) => ({
        from,
        page,
        anchor,
      })),
    );
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter(({ page, anchor }) => !pages.has(page) || (anchor && !anchors(page).includes(anchor)))).toEqual(
      [],
    );
  });
});
