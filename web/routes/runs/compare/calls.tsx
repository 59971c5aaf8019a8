import { useFormat } from '../../../shell/reader-provider.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Code } from '../../../ui/base/text.tsx';
import { Link } from '../../../ui/page/link.tsx';
import { outcomeLabels } from '../labels.ts';
import { toStepLink } from '../run/step-text.ts';
import type { Comparison } from './page.tsx';

type Step = Comparison['callSequence'][number];
type Changes = NonNullable<Step['argumentsChanged']>;

const ops = { changed: 'Differs', removed: 'Only before', added: 'Only after' } as const;

/** The calls of both runs side by side, without those that are the same. */
export function CallSequence({ comparison, base }: { comparison: Comparison; base: string }) {
  const format = useFormat();
  const { callSequence, unchangedCalls, baseline, candidate } = comparison;
  const one = `${base}/runs/${baseline.runId}`;
  const two = `${base}/runs/${candidate.runId}`;
  return (
    <Card flush title="Tool calls">
      {callSequence.length === 0 ? (
        <p className="p-4 text-muted">
          {unchangedCalls === 0 ? 'Neither run made a call.' : 'Both runs made the same calls, with the same results.'}
        </p>
      ) : null}
      <ol className="divide-y divide-line">
        {callSequence.map((step) => (
          <li key={`${step.baselineCall} ${step.candidateCall}`} className="px-4 py-3">
            <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
              <Code>{step.tool}</Code>
              <span className="text-xs text-muted">{ops[step.op]}</span>
              <CallLink id={step.baselineCall} runUrl={one} side="before" />
              <CallLink id={step.candidateCall} runUrl={two} side="after" />
            </p>
            {step.op === 'changed' && step.outcomeBefore && step.outcomeAfter ? (
              <p className="mt-1 text-table">
                {outcomeLabels[step.outcomeBefore].text} → {outcomeLabels[step.outcomeAfter].text}
              </p>
            ) : null}
            <ValueChanges title="Arguments" changes={step.argumentsChanged} />
            <ValueChanges title="Result" changes={step.resultChanged} />
          </li>
        ))}
      </ol>
      {callSequence.length > 0 && unchangedCalls > 0 ? (
        <p className="border-line border-t px-4 py-2.5 text-muted">
          {format.count(unchangedCalls, 'other call')} without differences.
        </p>
      ) : null}
    </Card>
  );
}

function CallLink({ id, runUrl, side }: { id: string | undefined; runUrl: string; side: string }) {
  if (id === undefined) return null;
  return (
    <Link to={toStepLink(runUrl, id)} prefetch="none" className="text-xs text-accent underline">
      {id.replace('-', ' ')} {side}
    </Link>
  );
}

function ValueChanges({ title, changes }: { title: string; changes: Changes | undefined }) {
  if (!changes || changes.length === 0) return null;
  return (
    <div className="mt-2 text-table">
      <p className="text-xs text-muted">{title}</p>
      <ul className="space-y-0.5">
        {changes.map(({ path, before, after }) => (
          <li key={path} className="[overflow-wrap:anywhere]">
            {path ? <Code>{path}</Code> : 'All of it'}: <del className="text-muted">{before ?? 'missing'}</del> →{' '}
            {after ?? 'missing'}
          </li>
        ))}
      </ul>
    </div>
  );
}
