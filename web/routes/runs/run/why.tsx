import { Form, useNavigation } from 'react-router';
import type { Step } from '../../../../domain/run/steps.ts';
import { Button, LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { CodeText } from '../../../ui/base/code-text.tsx';
import { CopyButton } from '../../../ui/base/copy-button.tsx';
import { Code, DisclosureIcon, RawText } from '../../../ui/base/text.tsx';
import { toPageText } from '../../../ui/page/page-text.ts';
import { Evidence } from './criteria.tsx';
import type { OverviewData } from './overview.tsx';
import type { RunPageData } from './page.tsx';

type Explanation = NonNullable<OverviewData['why']>;
type Cause = Explanation['causes'][number];

/** Causes beyond this many are folded. */
const maxOpen = 2;

/** Why a run did not pass, by the rules of the diagnosis, and what to do about it. */
export function Why({
  why,
  page: { run, workflow, mayEdit },
  base,
  steps,
}: {
  why: Explanation;
  page: RunPageData;
  base: string;
  steps: Step[];
}) {
  const runUrl = `${base}/runs/${run.id}`;
  const { causes } = why;
  const [error] = run.error ? [run.error.message] : [];
  const isSaid = error !== undefined && causes.some(({ summary }) => summary.includes(error));
  const list = (shown: Cause[]) => (
    <ul className="divide-y divide-line">
      {shown.map((cause) => (
        <li key={cause.summary} className="px-4 py-3">
          <CauseView cause={cause} steps={steps} runUrl={runUrl} />
        </li>
      ))}
    </ul>
  );
  return (
    <Card flush title={run.status === 'pass' ? 'Called a blocked tool' : 'Why it failed'}>
      {error !== undefined && !isSaid ? (
        <p className="border-line border-b px-4 py-3 font-medium [overflow-wrap:anywhere]">{error}</p>
      ) : null}
      {causes.length === 0 && error === undefined ? (
        <p className="px-4 py-3">No cause is known by rule. Compare this run with the last one that passed.</p>
      ) : null}
      {list(causes.slice(0, maxOpen))}
      {causes.length > maxOpen ? (
        <details className="border-line border-t">
          <summary className="flex min-h-11 items-center gap-2 px-4 text-sm text-muted hover:text-ink md:min-h-9">
            <DisclosureIcon />
            {causes.length - maxOpen} less likely
          </summary>
          {list(causes.slice(maxOpen))}
        </details>
      ) : null}
      <div className="flex flex-wrap items-center gap-2 border-line border-t px-4 py-3">
        <Drafts why={why} run={run} runUrl={runUrl} />
        {why.lastPassingId ? (
          <LinkButton to={`${base}/runs/compare?baseline=${why.lastPassingId}&candidate=${run.id}`}>
            Compare with last pass
          </LinkButton>
        ) : null}
        {mayEdit ? <LinkButton to={`${base}/workflows/${workflow.id}/edit`}>Edit workflow</LinkButton> : null}
        <CopyButton text={why.repairPrompt} what="Copy repair prompt" />
      </div>
    </Card>
  );
}

function Drafts({ why, run, runUrl }: { why: Explanation; run: RunPageData['run']; runUrl: string }) {
  const busy = useNavigation().state !== 'idle';
  const mayDraft = run.status !== 'pass' && (run.turnCount > 0 || run.callCount > 0);
  if (!why.canFix && !mayDraft) return null;
  return (
    <Form method="post" action={runUrl} className="flex flex-wrap gap-2">
      {why.canFix ? (
        <Button name="intent" value="fix" disabled={busy}>
          Draft a fix
        </Button>
      ) : null}
      {mayDraft ? (
        <Button name="intent" value="regression" disabled={busy}>
          Draft regression
        </Button>
      ) : null}
    </Form>
  );
}

function CauseView({ cause, steps, runUrl }: { cause: Cause; steps: Step[]; runUrl: string }) {
  const { summary, remediation, decision, isRemedied, evidence, said = [], values = [] } = cause;
  return (
    <div className="space-y-1">
      <p className="font-medium">
        <CodeText text={toPageText(summary)} />
      </p>
      <p className="text-table text-muted">
        <CodeText text={toPageText(remediation)} />
        {decision ? (
          <>
            {' '}
            <CodeText text={toPageText(decision)} />
          </>
        ) : null}
        {isRemedied ? ' The active version already has this change: run it again.' : null}
      </p>
      {values.length > 0 ? (
        <ul className="text-table">
          {values.map(({ call, path, before, now }) => (
            <li key={`${call} ${path}`} className="[overflow-wrap:anywhere]">
              <Code>{path || 'result'}</Code>{' '}
              {before === undefined ? null : (
                <>
                  <del className="text-muted">{before}</del> →{' '}
                </>
              )}
              <span>{now ?? 'missing'}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {said.length > 0 ? <RawText label="What the server said">{said.join('\n')}</RawText> : null}
      <p className="flex flex-wrap gap-x-3 text-xs text-muted">
        <Evidence ids={evidence} steps={steps} runUrl={runUrl} />
      </p>
    </div>
  );
}
