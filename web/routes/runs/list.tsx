import { type MetaFunction, useLoaderData, useParams, useSearchParams } from 'react-router';
import { runErrorKinds, shownStatuses, triggers } from '../../../domain/run/run.ts';
import { listModels } from '../../../services/model/list.ts';
import { listFilters } from '../../../services/run/reading/filters.ts';
import { searchRuns } from '../../../services/run/reading/search.ts';
import { listSkippedRuns } from '../../../services/run/reading/skipped.ts';
import { useLive } from '../../shell/live/live.tsx';
import { query } from '../../shell/query.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { buttonClass, LinkButton } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { statusLooks } from '../../ui/base/status-chip.tsx';
import { Time } from '../../ui/base/time.tsx';
import { Pager } from '../../ui/data/pager.tsx';
import { FilterBar } from '../../ui/form/filter-bar.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { readRunFilters } from './filters.ts';
import { errorKindLabels, triggerLabels } from './labels.ts';
import { RunTable } from './table.tsx';

export const meta: MetaFunction = () => [{ title: 'Runs · Armature' }];

export const loader = memberLoader(async ({ ctx, url }) => {
  const { cursor } = query(url, ['cursor']);
  const chosen = readRunFilters(url);
  const { workflowId, serverId } = chosen;
  const [list, filters, { skipped }, { models }] = await Promise.all([
    searchRuns(ctx, { ...chosen, ...(cursor && { cursor }), limit: 25 }),
    listFilters(ctx, { ...(workflowId && { workflowId }), ...(serverId && { serverId }) }),
    workflowId && !cursor ? listSkippedRuns(ctx, { workflowId, limit: 25 }) : { skipped: [] },
    listModels(ctx, {}),
  ]);
  // A model of earlier runs may be gone.
  const offered = models.filter(({ id }) => id !== chosen.model).map(({ id }) => id);
  return { ...list, ...filters, skipped, models: [...(chosen.model ? [chosen.model] : []), ...offered] };
});

export default function Runs() {
  const { runs, nextCursor, skipped, workflows, servers, models } = useLoaderData<typeof loader>();
  useLive(['run', 'workflow']);
  const [search] = useSearchParams();
  const base = `/o/${useParams().org}`;
  const filtered = [...search].some(([name, value]) => name !== 'cursor' && value !== '');
  return (
    <>
      <PageHeader
        title="Runs"
        note="Every execution of a workflow, newest first."
        actions={
          runs.length > 0 ? (
            <a href={`${base}/runs.csv?${search}`} download className={buttonClass('plain')}>
              Export as CSV
            </a>
          ) : null
        }
      />
      {runs.length > 0 || filtered ? (
        <FilterBar
          filters={[
            { kind: 'search', name: 'search', label: 'Search', placeholder: 'Name, error, commit, branch' },
            {
              kind: 'choice',
              name: 'workflow',
              label: 'Workflow',
              options: workflows.map(({ id, name }) => ({ value: id, text: name })),
            },
            {
              kind: 'choice',
              name: 'server',
              label: 'Server',
              options: servers.map(({ id, name }) => ({ value: id, text: name })),
            },
            {
              kind: 'select',
              name: 'status',
              label: 'Status',
              options: shownStatuses.map((status) => ({ value: status, text: statusLooks[status].text })),
            },
            {
              kind: 'select',
              name: 'range',
              label: 'Started',
              any: 'At any time',
              options: [
                { value: '24h', text: 'Last 24 hours' },
                { value: '7d', text: 'Last 7 days' },
                { value: '30d', text: 'Last 30 days' },
              ],
            },
            {
              kind: 'select',
              name: 'trigger',
              label: 'Trigger',
              options: triggers.map((trigger) => ({ value: trigger, text: triggerLabels[trigger] })),
            },
            {
              kind: 'choice',
              name: 'model',
              label: 'Model',
              options: models.map((model) => ({ value: model, text: model })),
            },
            {
              kind: 'select',
              name: 'error',
              label: 'Error',
              options: runErrorKinds
                .filter((kind) => kind !== 'canceled')
                .map((kind) => ({ value: kind, text: errorKindLabels[kind] })),
            },
            { kind: 'flag', name: 'flagged', label: 'Called a blocked tool' },
          ]}
        />
      ) : null}
      {runs.length > 0 ? (
        <Card flush>
          <RunTable runs={runs} base={base} />
        </Card>
      ) : filtered ? (
        <EmptyState title="No runs match your filters." action={<LinkButton to="?">Clear filters</LinkButton>}>
          Change the filters to see other runs.
        </EmptyState>
      ) : (
        <EmptyState title="No runs yet" action={<LinkButton to={`${base}/workflows`}>Go to workflows</LinkButton>}>
          A run appears here when a schedule fires, or when you press “Run now” on a workflow.
        </EmptyState>
      )}
      {skipped.length > 0 ? (
        <div className="mt-6">
          <Card title="Skipped fire times">
            <ul className="space-y-1 text-muted">
              {skipped.map(({ model, scheduledAt, reason }) => (
                <li key={`${scheduledAt} ${model}`}>
                  <Time at={scheduledAt} /> · {model}: {reason}
                </li>
              ))}
            </ul>
          </Card>
        </div>
      ) : null}
      <Pager nextCursor={nextCursor} />
    </>
  );
}
