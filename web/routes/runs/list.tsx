import { type MetaFunction, useLoaderData, useParams, useSearchParams } from 'react-router';
import { runStatuses } from '../../../domain/run/run.ts';
import { listFilters } from '../../../services/run/reading/filters.ts';
import { searchRuns } from '../../../services/run/reading/search.ts';
import { listSkippedRuns } from '../../../services/run/reading/skipped.ts';
import { id, pickOne, query } from '../../shell/query.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Filters } from '../../ui/filters.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Pager } from '../../ui/pager.tsx';
import { Time } from '../../ui/time.tsx';
import { RunTable } from './table.tsx';

export const meta: MetaFunction = () => [{ title: 'Runs · Armature' }];

export const loader = memberLoader(async ({ ctx, url }) => {
  const asked = query(url, ['workflow', 'server', 'status', 'flagged', 'cursor']);
  const [workflowId, serverId, status] = [id(asked.workflow), id(asked.server), pickOne(asked.status, runStatuses)];
  const [list, filters, { skipped }] = await Promise.all([
    searchRuns(ctx, {
      ...(workflowId && { workflowId }),
      ...(serverId && { serverId }),
      ...(status && { status }),
      ...(asked.flagged && { flagged: true }),
      ...(asked.cursor && { cursor: asked.cursor }),
      limit: 25,
    }),
    listFilters(ctx, { ...(workflowId && { workflowId }), ...(serverId && { serverId }) }),
    workflowId && !asked.cursor ? listSkippedRuns(ctx, { workflowId, limit: 25 }) : { skipped: [] },
  ]);
  return { ...list, ...filters, skipped };
});

export default function Runs() {
  const { runs, nextCursor, skipped, workflows, servers } = useLoaderData<typeof loader>();
  const [search] = useSearchParams();
  const base = `/o/${useParams().org}`;
  const filtered = [...search].some(([name, value]) => name !== 'cursor' && value !== '');
  return (
    <>
      <PageHeader title="Runs" note="Every execution of a workflow, newest first." />
      {runs.length > 0 || filtered ? (
        <Filters>
          <SelectField label="Workflow" name="workflow" defaultValue={search.get('workflow') ?? ''}>
            <option value="">Any</option>
            {workflows.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
          <SelectField label="Server" name="server" defaultValue={search.get('server') ?? ''}>
            <option value="">Any</option>
            {servers.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
          <SelectField label="Status" name="status" defaultValue={search.get('status') ?? ''}>
            <option value="">Any</option>
            {runStatuses.map((status) => (
              <option key={status} value={status}>
                {status}
              </option>
            ))}
          </SelectField>
          <label className="flex min-h-9 items-center gap-2">
            <input type="checkbox" name="flagged" value="1" defaultChecked={search.get('flagged') === '1'} /> Called a
            blocked tool
          </label>
        </Filters>
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
