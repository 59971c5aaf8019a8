import { useLoaderData, useParams, useRouteLoaderData } from 'react-router';
import { shownStatuses } from '../../../../domain/run/run.ts';
import { searchRuns } from '../../../../services/run/reading/search.ts';
import { listSkippedRuns } from '../../../../services/run/reading/skipped.ts';
import { getWorkflowStatistics } from '../../../../services/workflow/reading/statistics.ts';
import { pickOne } from '../../../shell/query.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { memberLoader } from '../../../shell/route.server.ts';
import { TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { DisclosureIcon } from '../../../ui/base/text.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { Columns } from '../../../ui/page/columns.tsx';
import { RunTable } from '../../runs/table.tsx';
import { RankedCriteria } from './criteria.tsx';
import { WorkflowFacts } from './facts.tsx';
import { ModelGrid, PassRateBars } from './history.tsx';
import type { WorkflowPageData } from './page.tsx';

const recentRuns = 10;

export const loader = memberLoader(async ({ ctx, params }) => {
  const workflowId = params.workflowId ?? '';
  const [statistics, { runs }, { skipped }] = await Promise.all([
    getWorkflowStatistics(ctx, { workflowId }),
    searchRuns(ctx, { workflowId, limit: recentRuns }),
    listSkippedRuns(ctx, { workflowId, limit: recentRuns }),
  ]);
  // CHECK constraints guarantee the values.
  const toStatus = (value: string) => pickOne(value, shownStatuses) ?? ('error' as const);
  return {
    ...statistics,
    models: statistics.models.map(({ runs, ...model }) => ({
      ...model,
      runs: runs.map(({ id, status, createdAt }) => ({ id, status: toStatus(status), createdAt })),
    })),
    criteria: statistics.criteria.map(({ verdicts, ...criterion }) => ({
      ...criterion,
      verdicts: verdicts.map(({ runId, verdict }) => ({ id: runId, status: toStatus(verdict) })),
    })),
    runs,
    skipped,
  };
});

export type OverviewData = ReturnType<typeof useLoaderData<typeof loader>>;

export default function Overview() {
  const data = useLoaderData<typeof loader>();
  const page = useRouteLoaderData<WorkflowPageData>('routes/workflows/workflow/page');
  const base = `/o/${useParams().org}`;
  if (!page) return null;
  const hasRuns = data.runs.length > 0;
  return (
    <Columns isFactsLast facts={<WorkflowFacts page={page} base={base} />}>
      <Warnings warnings={page.warnings} />
      {hasRuns ? <PassRateBars days={data.days} versions={data.versions} /> : null}
      {hasRuns ? <ModelGrid models={data.models} base={base} /> : null}
      <RankedCriteria criteria={data.criteria} base={base} hasRuns={hasRuns} />
      <Card
        flush
        title="Recent runs"
        aside={hasRuns ? <TextLink to={`${base}/runs?workflow=${page.workflow.id}`}>All runs</TextLink> : null}
      >
        {hasRuns ? (
          <RunTable runs={data.runs} base={base} withWorkflow={false} />
        ) : (
          <p className="p-4 text-muted">
            No runs yet.{' '}
            {page.nextFireTimes[0]
              ? 'The first one starts by its schedule, or now by “Run now”.'
              : 'Press “Run now” to start one.'}
          </p>
        )}
        <Skipped skipped={data.skipped} />
      </Card>
    </Columns>
  );
}

function Warnings({ warnings }: Pick<WorkflowPageData, 'warnings'>) {
  const format = useFormat();
  if (warnings.length === 0) return null;
  return (
    <Notice tone="warning" title={format.count(warnings.length, 'warning')}>
      <ul className={warnings.length > 1 ? 'list-disc pl-5' : ''}>
        {warnings.map(({ code, field, message }) => (
          <li key={`${code} ${field} ${message}`}>
            {/^criteria\[\d+\]/.test(field ?? '') ? `Criterion ${Number(/\d+/.exec(field ?? '')?.[0]) + 1}: ` : ''}
            {message}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function Skipped({ skipped }: Pick<OverviewData, 'skipped'>) {
  const format = useFormat();
  if (skipped.length === 0) return null;
  return (
    <details className="border-line border-t px-4 py-2">
      <summary className="flex min-h-11 items-center gap-2 text-muted md:min-h-6">
        <DisclosureIcon />
        {format.count(skipped.length, 'fire time was skipped', 'fire times were skipped')}
      </summary>
      <ul className="mt-2 space-y-1 text-muted">
        {skipped.map(({ model, scheduledAt, reason }) => (
          <li key={`${scheduledAt} ${model}`}>
            <Time at={scheduledAt} /> · {model}: {reason}
          </li>
        ))}
      </ul>
    </details>
  );
}
