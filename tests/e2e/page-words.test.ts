import { describe, expect } from 'vitest';
import { fillPath, listPaths, signInOwner } from '../contract/registry/paths.ts';
import { makeWorld } from '../contract/registry/world.ts';
import { it } from '../support/browser/test.ts';

/** What only machines read: code, JSON, form values, and what is marked as the words of a server, model or person. */
const verbatim = 'code, pre, textarea, script, style, svg, [data-verbatim]';

const kinds: [kind: string, pattern: RegExp][] = [
  ['an id', /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g],
  ['a name in camel case', /\b[a-z]+(?:[A-Z][a-z]+)+\b/g],
  ['a name with underscores', /\b[A-Za-z]+(?:_[A-Za-z0-9]+)+\b/g],
  ['a path of the API', /\/api\/[a-z]+/g],
  ['a value that is missing', /\b(?:undefined|null|NaN|\[object Object\])(?![\w-])/g],
];

describe('every page of the dashboard', () => {
  it('is written in words, not in the names of its code', async ({ app, browser, shop }) => {
    const world = await makeWorld(app.deps, { shopUrl: shop.url });
    const session = await signInOwner(app.deps, world);
    // What people and servers named, and may name as they like.
    const named = [
      /\b[A-Z]\w+(?:\/[A-Z][\w-]+)+/g, // time zones

      `Organization ${world.org.orgId}`,
      `org-${world.org.orgId}`,
      /\b\w+-[0-9a-f-]{36}@example\.com/g,
      world.tool,
    ];
    const context = await browser.newContext({ javaScriptEnabled: false, offline: true });
    await context.addCookies([{ ...session, url: app.url }]);
    const page = await context.newPage();
    const found: string[] = [];
    let pages = 0;
    for (const path of listPaths().filter((path) => !path.startsWith('/dev/'))) {
      const address = fillPath(path.replace(':runId', world.endedRunId), `org-${world.org.orgId}`, world);
      const answer = await page.request.get(`${app.url}${address}`, { maxRedirects: 0 });
      if (!answer.headers()['content-type']?.includes('text/html')) continue;
      await page.setContent(await answer.text(), { waitUntil: 'commit' });
      const whole = await page.evaluate((selector) => {
        const copy = document.body.cloneNode(true);
        if (!(copy instanceof HTMLElement)) return '';
        for (const element of copy.querySelectorAll(selector)) element.remove();
        // Words of neighbours must not run together.
        const walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
        const texts: string[] = [];
        while (walker.nextNode()) texts.push(walker.currentNode.textContent ?? '');
        return texts.join(' ');
      }, verbatim);
      const text = named.reduce<string>((rest, name) => rest.replaceAll(name, ' '), whole);
      pages += 1;
      for (const [kind, pattern] of kinds)
        for (const word of new Set(text.match(pattern)))
          found.push(
            `${path}: ${kind}: …${text.slice(Math.max(0, text.indexOf(word) - 40), text.indexOf(word) + word.length + 20)}…`,
          );
    }
    await context.close();
    expect(pages).toBeGreaterThan(40);
    expect(found).toEqual([]);
  });
});
