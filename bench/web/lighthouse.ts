import lighthouse from 'lighthouse';
import { findFreePort } from '../../scripts/port.ts';
import { startBrowser } from '../../tests/support/browser/browser.ts';

export type Scores = { performance: number; accessibility: number };

/** Lighthouse's scores of a page, of 100, as it opens on a slow phone without a cache. */
export async function scorePage(url: string, cookie: string): Promise<Scores> {
  const port = await findFreePort();
  const browser = await startBrowser({ args: [`--remote-debugging-port=${port}`] });
  try {
    const result = await lighthouse(url, {
      port,
      onlyCategories: ['performance', 'accessibility'],
      extraHeaders: { Cookie: cookie },
      logLevel: 'error',
    });
    const score = (name: string): number => {
      const found = result?.lhr.categories[name]?.score;
      if (typeof found !== 'number')
        throw new Error(
          `Lighthouse has no ${name} of ${url}: ${result?.lhr.runtimeError?.message ?? 'no reason given'}`,
        );
      return Math.round(found * 100);
    };
    return { performance: score('performance'), accessibility: score('accessibility') };
  } finally {
    await browser.close();
  }
}
