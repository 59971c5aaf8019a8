import { type MetaFunction, useLoaderData, useParams, useRouteLoaderData } from 'react-router';
import { listRules } from '../../../../services/alert-rule/list.ts';
import type { RuleView } from '../../../../services/alert-rule/view.ts';
import { getWorkflow } from '../../../../services/workflow/reading/get.ts';
import { memberLoader } from '../../../shell/route.server.ts';
import { LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { EmptyState } from '../../../ui/base/empty-state.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { DataTable } from '../../../ui/data/data-table.tsx';
import { targetLabel } from '../../alerts/rule/labels.ts';
import type { WorkflowPageData } from './page.tsx';

export const meta: MetaFunction = () => [{ title: 'Alerts of a workflow · Armature' }];

const maxRules = 200;

export const loader = memberLoader(async ({ ctx, params }) => {
  const workflowId = params.workflowId ?? '';
  const [{ workflow }, { rules }] = await Promise.all([
    getWorkflow(ctx, { workflowId }),
    listRules(ctx, { limit: maxRules }),
  ]);
  return {
    rules: rules
      .filter(({ target }) => reaches(target, workflow))
      .map(({ id, name, target, destination, state, mutedUntil, lastFiredAt }) => ({
        id,
        name,
        target: targetLabel(target),
        destination: destination?.label ?? null,
        state,
        mutedUntil,
        lastFiredAt,
      })),
  };
});

/** Whether a rule notifies of this workflow's runs, or of tool changes that may hit it. */
function reaches({ kind, id }: RuleView['target'], workflow: { id: string; serverId: string }): boolean {
  switch (kind) {
    case 'workflow':
      return id === workflow.id;
    case 'server':
      return id === workflow.serverId;
    case 'tool_changes':
      return id === null || id === workflow.serverId;
    case 'all_workflows':
    case 'all_servers':
      return true;
    default:
      return false;
  }
}

export default function WorkflowAlerts() {
  const { rules } = useLoaderData<typeof loader>();
  const page = useRouteLoaderData<WorkflowPageData>('routes/workflows/workflow/page');
  const { org, workflowId } = useParams();
  const base = `/o/${org}`;
  const create =
    page?.mayEdit && page.workflow.state !== 'archived' ? (
      <LinkButton to={`${base}/alerts/rules/new?workflow=${workflowId}`}>Create alert rule</LinkButton>
    ) : null;
  if (rules.length === 0)
    return (
      <EmptyState title="No rule reaches this workflow" action={create}>
        When a run fails, nobody is notified. Its incidents are still on the Incidents page.
      </EmptyState>
    );
  return (
    <Card flush title="Rules that reach this workflow" aside={create}>
      <DataTable
        label="Alert rules"
        rows={rules}
        rowKey={({ id }) => id}
        to={({ id }) => `${base}/alerts/rules/${id}`}
        columns={[
          { key: 'name', head: 'Rule', phone: 'title', cell: ({ name }) => name },
          { key: 'target', head: 'Applies to', cell: ({ target }) => target },
          { key: 'to', head: 'Notifies', cell: ({ destination }) => destination ?? 'Nobody yet' },
          {
            key: 'state',
            head: 'State',
            cell: ({ state, mutedUntil }) =>
              state === 'paused' ? (
                <StateLabel>Paused</StateLabel>
              ) : mutedUntil ? (
                <>
                  Muted until <Time at={mutedUntil} />
                </>
              ) : (
                'On'
              ),
          },
          {
            key: 'fired',
            head: 'Last notified',
            align: 'right',
            cell: ({ lastFiredAt }) => (lastFiredAt ? <Time at={lastFiredAt} relative /> : null),
          },
        ]}
      />
    </Card>
  );
}
