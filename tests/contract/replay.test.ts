import { readdirSync, readFileSync } from 'node:fs';
import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../infra/logger/index.ts';
import { workflowBundle } from '../../worker/bundle.ts';
import '../support/setup/quiet-runtime.ts';

const folder = new URL('./histories/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

/**
 * Histories of real runs (`scripts/record-histories.ts`). A workflow that was changed must still take the same steps
 * with them, or runs that are under way when it is deployed could not go on. Record new ones beside the old; never
 * replace what was deployed.
 */
describe.each([
  ['recorded histories', { traced: false }],
  ['recorded histories, with traces', { traced: true }],
])('%s', (_name, options) => {
  const ended: unknown[] = [];
  const workflowEnded = { fn: (...span: unknown[]) => void ended.push(span), callDuringReplay: false };
  let bundle: Awaited<ReturnType<typeof workflowBundle>>;
  beforeAll(async () => {
    bundle = await workflowBundle(createLogger({ level: 'silent', process: 'test' }), options);
  });
  const replay = (name: string, change: (text: string) => string = (text) => text) => {
    const history: unknown = JSON.parse(change(readFileSync(new URL(name, folder), 'utf8')));
    return Worker.runReplayHistory({ workflowBundle: bundle, sinks: { traces: { workflowEnded } } }, history);
  };

  it('cover every workflow and every way in which a run ends', () => {
    expect(files.map((name) => name.replace('.json', '')).sort()).toEqual(
      expect.arrayContaining([
        'check-monitors',
        'check-now',
        'deliver-alert',
        'deliver-alert-given-up',
        'housekeeping',
        'reconcile',
        'make-report',
        'run-alerts',
        'run-canceled',
        'run-covered',
        'run-error',
        'run-judged',
        'run-pass',
        'run-resumed',
        'run-waited',
        'scheduled-runs',
        'sync-catalog',
      ]),
    );
  });

  it.each(files)('%s replays', async (name) => {
    await expect(replay(name)).resolves.toBeUndefined();
    expect(ended).toEqual([]);
  });

  it('fail to replay when a step is another', async () => {
    await expect(replay('run-pass.json', (text) => text.replaceAll('"runAgent"', '"runOther"'))).rejects.toThrow();
  });
});
