import type { CDPSession, Page } from 'playwright-core';
import type { Context } from '../../services/context/context.ts';
import { createWorkflow } from '../../services/workflow/create.ts';
import { startBrowser, waitForHydration } from '../../tests/support/browser/browser.ts';

/** Times that the CPU is slowed down. */
const slowdown = 4;
const criteria = 50;

/** Longest time from an input to the next paint in the editor of a workflow with 50 criteria, in milliseconds. */
export async function measureTyping(of: {
  ctx: Context;
  serverId: string;
  url: string;
  cookie: { name: string; value: string };
}): Promise<number> {
  const { workflow } = await createWorkflow(of.ctx, {
    definition: {
      name: 'With many criteria',
      serverId: of.serverId,
      testerModels: ['builtin/scripted'],
      judgeModel: 'builtin/assertions',
      prompt: 'call search_products {"query": "mug"}',
      criteria: Array.from({ length: criteria }, (_, index) => ({
        text: `calls \`search_products\` at most ${index + 1} times`,
      })),
    },
  });
  const browser = await startBrowser();
  try {
    const context = await browser.newContext();
    await context.addCookies([{ ...of.cookie, url: of.url }]);
    const page = await context.newPage();
    await page.goto(`${of.url}/workflows/${workflow.id}/edit`);
    await waitForHydration(page);
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    return await typeAndWatch(page, session);
  } finally {
    await browser.close();
  }
}

async function typeAndWatch(page: Page, session: CDPSession): Promise<number> {
  await page.evaluate(() => {
    const durations: number[] = [];
    // TypeScript doesn't know the threshold.
    const options = { type: 'event', durationThreshold: 16 };
    Object.assign(window, { durations });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if ('interactionId' in entry && entry.interactionId) durations.push(entry.duration);
    }).observe(options);
  });
  for (const label of ['Criterion 1', 'Criterion 25', 'Criterion 50']) {
    await page.getByLabel(label, { exact: true }).click();
    await page.keyboard.press('End');
    await page.keyboard.type(' and more', { delay: 60 });
  }
  await page.getByRole('button', { name: 'Add a criterion' }).click();
  await page.keyboard.type('no tool call fails', { delay: 60 });
  await page.getByLabel('Prompt', { exact: true }).click();
  await page.keyboard.type('call sea', { delay: 60 });
  // The check of the last key and what it shows.
  await page.waitForTimeout(2000);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  const durations = await page.evaluate(() => {
    const found: unknown = Reflect.get(window, 'durations');
    return Array.isArray(found) ? found.map(Number) : [];
  });
  return Math.max(0, ...durations);
}
