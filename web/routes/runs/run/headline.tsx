import { useRouteLoaderData } from 'react-router';
import { isTerminal } from '../../../../domain/run/run.ts';
import type { Step } from '../../../../domain/run/steps.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import type { Format } from '../../../ui/base/format.ts';
import { Elapsed, Time } from '../../../ui/base/time.tsx';
import { errorKindLabels, limitLabels } from '../labels.ts';
import type { OverviewData } from './overview.tsx';
import type { RunPageData } from './page.tsx';

/** The result in one line: "1 of 4 criteria failed · 4.2 s · $0.0042 · 12 min ago". */
export function Headline({ found }: { found: RunPageData }) {
  const format = useFormat();
  const { run } = found;
  const steps = useRouteLoaderData<OverviewData>('routes/runs/run/overview')?.trace.steps ?? [];
  const isGoing = !isTerminal(run.status);
  return (
    <p className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
      <strong className="font-medium text-ink">{describeResult(found, steps, format)}</strong>
      {run.durationMs !== null ? (
        <span>· {format.duration(run.durationMs)}</span>
      ) : isGoing && run.startedAt !== null ? (
        <span>
          · <Elapsed since={run.startedAt} />
        </span>
      ) : null}
      {isGoing ? null : <span>· {run.cost === null ? 'price unknown' : format.cost(run.cost)}</span>}
      <span>
        · <Time at={run.createdAt} relative />
      </span>
    </p>
  );
}

function describeResult({ run, verdicts, canceledBy }: RunPageData, steps: Step[], format: Format): string {
  if (run.status === 'pending') return 'Waiting for a worker';
  if (run.status === 'running') return describeProgress(steps, format);
  if (canceledBy !== null) return `Canceled by ${canceledBy}`;
  if (run.error) return errorKindLabels[run.error.kind];
  const limit = run.limitHit ? `, graded at the limit of ${limitLabels[run.limitHit]}` : '';
  return `${describeVerdicts(verdicts, format)}${limit}`;
}

/** Calls and tokens so far. */
function describeProgress(steps: Step[], format: Format): string {
  const calls = steps.filter(({ kind }) => kind === 'call').length;
  const tokens = steps.reduce((total, step) => total + (step.kind === 'turn' ? step.tokens : 0), 0);
  return [`${format.count(calls, 'call')} so far`, tokens > 0 ? `${format.tokens(tokens)} tokens` : null]
    .filter(Boolean)
    .join(' · ');
}

function describeVerdicts(verdicts: RunPageData['verdicts'], format: Format): string {
  const count = (verdict: (typeof verdicts)[number]) => verdicts.filter((each) => each === verdict).length;
  const all = format.count(verdicts.length, 'criterion', 'criteria');
  const [failed, partial] = [count('fail'), count('partial')];
  if (failed > 0) return `${failed} of ${all} failed`;
  if (partial > 0) return `${partial} of ${all} met in part`;
  return verdicts.length === 1 ? 'The criterion passed' : `All ${all} passed`;
}
