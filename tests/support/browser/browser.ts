import { AxeBuilder } from '@axe-core/playwright';
import chromium from '@sparticuz/chromium';
import { type Browser, type BrowserContext, type Page, chromium as playwright } from 'playwright-core';
import { expect } from 'vitest';

// The Chromium of npm is built for this platform alone. Elsewhere the tests use the installed Chrome.
const hasChromium = process.platform === 'linux' && process.arch === 'x64';

/** Starts Chromium without the flags of its package, which would switch web security off. */
export async function startBrowser({ args = [] }: { args?: readonly string[] } = {}): Promise<Browser> {
  return playwright.launch({
    ...(hasChromium ? { executablePath: await chromium.executablePath() } : { channel: 'chrome' }),
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', ...args],
    headless: true,
  });
}

/** A tab, with the errors and warnings of its console. @param options.expected complaints that are left out. */
export async function openTab(
  context: BrowserContext,
  { expected = [] }: { expected?: readonly RegExp[] } = {},
): Promise<{ page: Page; complaints: string[] }> {
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  const note = (text: string) => {
    if (!expected.some((pattern) => pattern.test(text))) complaints.push(`${page.url()}: ${text}`);
  };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') note(message.text());
  });
  page.on('pageerror', (error) => note(String(error)));
  return { page, complaints };
}

/** Writes a screenshot into the folder ARMATURE_SCREENSHOTS, where it is set. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.ARMATURE_SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

/** Until the page answers to what is chosen and typed. React marks the elements that it has hydrated. */
export async function waitForHydration(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    Object.keys(document.querySelector('main') ?? {}).some((key) => key.startsWith('__reactFiber')),
  );
}

/**
 * Takes a screenshot and fails on serious and critical findings of axe.
 * @param options.hydrates false for a page without scripts. @default true
 */
export async function expectAccessible(page: Page, name: string, { hydrates = true } = {}): Promise<void> {
  // React has to find what the server sent.
  if (hydrates) await waitForHydration(page);
  await screenshot(page, name);
  // axe waits for an answer from every frame, and in those of the outbox no script may run.
  const frames = await page.evaluateHandle(() =>
    [...document.querySelectorAll('iframe')].map((frame) => {
      const place = document.createComment('frame');
      frame.replaceWith(place);
      return { frame, place };
    }),
  );
  // There are no frames, so axe runs in the page alone: half the time of opening another page for its report.
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze();
  // React would look for them.
  await frames.evaluate((all) => {
    for (const { frame, place } of all) place.replaceWith(frame);
  });
  const findings = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => {
      const elements = nodes.map(({ html, failureSummary }) => `  ${html} ${failureSummary}`);
      return `${page.url()} ${id}: ${help}\n${elements.join('\n')}`;
    });
  expect(findings).toEqual([]);
}
