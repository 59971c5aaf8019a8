import { Button } from '../../../ui/base/button.tsx';
import { type Status, StatusIcon } from '../../../ui/base/status-chip.tsx';
import { Elapsed } from '../../../ui/base/time.tsx';
import type { ConnectionTest } from './use-test.ts';

/** How the test of a connection proceeds, as it happens. */
export function Steps({ test, since, onCancel }: { test: ConnectionTest; since: number; onCancel: () => void }) {
  const steps = listSteps(test);
  if (steps.length === 0) return null;
  return (
    <div role="status" className="rounded-md border border-line bg-surface px-4 py-3">
      <ol className="space-y-1.5">
        {steps.map(({ text, status }) => (
          <li key={text} className="flex items-center gap-2">
            <span className={status === 'fail' ? 'text-fail' : status === 'pass' ? 'text-pass' : 'text-muted'}>
              <StatusIcon status={status} />
            </span>
            {text}
          </li>
        ))}
      </ol>
      {test.isRunning ? (
        <p className="mt-3 flex items-center gap-3 text-muted">
          <Button type="button" onClick={onCancel}>
            Cancel
          </Button>
          <Elapsed since={since} />
        </p>
      ) : null}
      {test.isCanceled ? <p className="mt-2 text-muted">Canceled. Nothing was saved.</p> : null}
    </div>
  );
}

const askTexts = { newer: 'Ask for MCP', older: 'Ask the older way, by initialize' } as const;

function listSteps({
  steps,
  isRunning,
  isCanceled,
  probe,
  problem,
}: ConnectionTest): { text: string; status: Status }[] {
  if (steps.length === 0 && !isRunning) return [];
  const texts = [
    'Check the address',
    ...steps.map((step) => (step.step === 'asking' ? askTexts[step.era] : 'List tools')),
  ];
  const end: Status = isRunning ? 'running' : isCanceled ? 'canceled' : probe?.ok ? 'pass' : 'fail';
  return [...new Set(texts)].map((text, index, all) => {
    if (index === all.length - 1) return { text, status: problem && steps.length === 0 ? 'fail' : end };
    // What was asked again in another way has failed.
    const isRetried = text === askTexts.newer && all[index + 1] === askTexts.older;
    return { text, status: isRetried ? 'skipped' : 'pass' };
  });
}
