import type { Step } from '../../../../domain/run/steps.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { CodeText } from '../../../ui/base/code-text.tsx';
import { StateLabel, StatusChip } from '../../../ui/base/status-chip.tsx';
import { DisclosureIcon } from '../../../ui/base/text.tsx';
import { Link } from '../../../ui/page/link.tsx';
import { toPageText } from '../../../ui/page/page-text.ts';
import type { OverviewData } from './overview.tsx';
import { describeStep, findStep, toStepLink } from './step-text.ts';

type Results = OverviewData['results'];

/** The criteria that did not pass, then those that passed, folded where there are others. */
export function Criteria({ results, steps, runUrl }: { results: Results; steps: Step[]; runUrl: string }) {
  const format = useFormat();
  const open = results.filter(({ verdict }) => verdict !== 'pass');
  const passed = results.filter(({ verdict }) => verdict === 'pass');
  return (
    <Card flush title="Success criteria">
      {open.length > 0 ? <List results={open} steps={steps} runUrl={runUrl} /> : null}
      {passed.length > 0 ? (
        <details open={open.length === 0} className={open.length > 0 ? 'border-line border-t' : ''}>
          <summary className="flex min-h-11 items-center gap-2 px-4 text-sm text-muted hover:text-ink md:min-h-9">
            <DisclosureIcon />
            {format.number(passed.length)} passed
          </summary>
          <List results={passed} steps={steps} runUrl={runUrl} />
        </details>
      ) : null}
    </Card>
  );
}

function List({ results, steps, runUrl }: { results: Results; steps: Step[]; runUrl: string }) {
  return (
    <ul className="divide-y divide-line">
      {results.map(({ criterionId, verdict, text, isRequired, rationale, evidence, gradedBy }) => (
        <li key={criterionId} className="flex items-start gap-3 px-4 py-2.5">
          <StatusChip status={verdict} compact={verdict === 'pass'} />
          <div className="min-w-0 flex-1">
            <p className="flex flex-wrap items-baseline gap-x-2">
              <span className="min-w-0 font-medium">
                <CodeText text={text} />
              </span>
              {isRequired ? null : <StateLabel>Optional</StateLabel>}
            </p>
            <p className="text-table text-muted [overflow-wrap:anywhere]">
              <CodeText text={toPageText(rationale)} />
            </p>
            <p className="mt-0.5 flex flex-wrap items-baseline gap-x-3 text-xs text-muted">
              <span>{gradedBy === 'assertion' ? 'Graded by assertion' : 'Graded by the judge'}</span>
              <Evidence ids={evidence} steps={steps} runUrl={runUrl} />
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

/** Links into the trace: "call 1 create_order", "model turn 2", "final answer". */
export function Evidence({ ids, steps, runUrl }: { ids: readonly string[]; steps: Step[]; runUrl: string }) {
  const format = useFormat();
  const found = new Map(
    ids.flatMap((id) => {
      const step = findStep(steps, id);
      return step ? [[step.id, step] as const] : [];
    }),
  );
  return [...found.values()].map((step) => {
    const { name } = describeStep(step, format);
    return (
      <Link key={step.id} to={toStepLink(runUrl, step.id)} className="text-accent underline" prefetch="none">
        {step.kind === 'turn' ? `model turn ${step.turn}` : name}
      </Link>
    );
  });
}

/** While the run goes on: what it will be graded by. */
export function PendingCriteria({ criteria }: { criteria: OverviewData['pending'] }) {
  return (
    <Card flush title="Success criteria">
      <ul className="divide-y divide-line">
        {criteria.map(({ id, text, isRequired }) => (
          <li key={id} className="flex items-start gap-3 px-4 py-2.5">
            <StatusChip status="pending" />
            <span className="min-w-0 flex-1">
              <CodeText text={text} />
            </span>
            {isRequired ? null : <StateLabel>Optional</StateLabel>}
          </li>
        ))}
      </ul>
      <p className="border-line border-t px-4 py-2 text-xs text-muted">Graded when the agent has finished.</p>
    </Card>
  );
}
