import { type RunStatus, toShownStatus } from '../../../domain/run/run.ts';
import type { ProposalDetail } from '../../../services/proposal/get.ts';
import { TextLink } from '../../ui/base/button.tsx';
import { CodeText } from '../../ui/base/code-text.tsx';
import { FlagChip, StatusChip } from '../../ui/base/status-chip.tsx';
import { InFocusedRow, Time } from '../../ui/base/time.tsx';
import { toPageText } from '../../ui/page/page-text.ts';
import { toStepLink } from '../runs/run/step-text.ts';

type EvidenceRun = {
  id: string;
  status: RunStatus;
  errorKind: string | null;
  flagged: boolean;
  model: string;
  createdAt: string;
};

/** What a proposal is based on: runs with their steps, and criteria. @param props.runs those that are still kept */
export function EvidenceList({
  evidence,
  runs,
  base,
}: {
  evidence: ProposalDetail['evidence'];
  runs: EvidenceRun[];
  base: string;
}) {
  const runIds = [...new Set(evidence.flatMap((each) => (each.kind === 'criterion' ? [] : [each.runId])))];
  const criteria = evidence.filter((each) => each.kind === 'criterion');
  return (
    <ul className="divide-y divide-line">
      {criteria.map(({ criterionId, text }) => (
        <li key={criterionId} className="px-4 py-2.5">
          <span className="block text-muted text-xs">Criterion</span>
          <CodeText text={text} />
        </li>
      ))}
      {runIds.map((runId) => (
        <li key={runId} className="px-4 py-2.5">
          <Run run={runs.find(({ id }) => id === runId)} url={`${base}/runs/${runId}`} />
          <Steps
            ids={evidence.flatMap((each) =>
              (each.kind === 'call' || each.kind === 'event') && each.runId === runId ? [each.id] : [],
            )}
            url={`${base}/runs/${runId}`}
          />
        </li>
      ))}
    </ul>
  );
}

function Run({ run, url }: { run: EvidenceRun | undefined; url: string }) {
  if (!run) return <p className="text-muted">A run that is no longer kept</p>;
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <StatusChip status={toShownStatus(run.status, run.errorKind)} />
      {run.flagged ? <FlagChip compact /> : null}
      <TextLink to={url}>
        <InFocusedRow value>
          Run of <Time at={run.createdAt} />
        </InFocusedRow>
      </TextLink>
      <span className="text-muted">{run.model}</span>
    </p>
  );
}

function Steps({ ids, url }: { ids: string[]; url: string }) {
  if (ids.length === 0) return null;
  return (
    <ul className="mt-1 flex flex-wrap gap-x-4">
      {ids.map((id) => (
        <li key={id}>
          <TextLink to={toStepLink(url, id)} className="inline-flex min-h-6 items-center">
            {toPageText(id).replace(/^./, (first) => first.toUpperCase())}
          </TextLink>
        </li>
      ))}
    </ul>
  );
}
