import { Form, type MetaFunction, useLoaderData, useNavigation } from 'react-router';
import { ArmatureError } from '../../../../domain/error/error.ts';
import { areas, severities } from '../../../../domain/report/rule.ts';
import { atLeast } from '../../../../domain/role/role.ts';
import { syncServer } from '../../../../services/catalog/sync.ts';
import { acceptFinding, reopenFinding } from '../../../../services/report/accept.ts';
import { getReport } from '../../../../services/report/get.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { pickOne, query } from '../../../shell/query.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Button } from '../../../ui/base/button.tsx';
import { EmptyState } from '../../../ui/base/empty-state.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { FilterBar } from '../../../ui/form/filter-bar.tsx';
import { Findings } from './findings.tsx';
import { areaLabels, severityLabels } from './labels.ts';
import { Clients, History, NotRun, Scores } from './scores.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Report on ${loaderData?.report.serverName ?? 'a server'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params, org, url }) => {
  const asked = query(url, ['area', 'severity', 'fixed']);
  const [area, severity] = [pickOne(asked.area, areas), pickOne(asked.severity, severities)];
  return {
    report: await getReport(ctx, {
      serverId: params.serverId ?? '',
      ...(area && { area }),
      ...(severity && { severity }),
      fixed: asked.fixed === '1',
    }),
    isFiltered: area !== undefined || severity !== undefined,
    maySync: atLeast(org.role, 'admin'),
    mayAccept: atLeast(org.role, 'editor'),
  };
});

export const action = memberAction(async ({ ctx, form, params }) => {
  const serverId = params.serverId ?? '';
  const findingId = text(form, 'findingId');
  switch (text(form, 'intent')) {
    case 'sync':
      await syncServer(ctx, { serverId });
      return { done: 'The server was synced. Its report follows within a minute.' };
    case 'accept': {
      const day = text(form, 'until');
      await acceptFinding(ctx, {
        serverId,
        findingId,
        reason: text(form, 'reason'),
        ...(day !== '' && { until: `${day}T00:00:00Z` }),
      });
      return { done: 'The finding is accepted.' };
    }
    case 'reopen':
      await reopenFinding(ctx, { serverId, findingId });
      return { done: 'The finding counts again.' };
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

const filters = [
  {
    kind: 'select' as const,
    name: 'area',
    label: 'Area',
    options: areas.map((value) => ({ value, text: areaLabels[value] })),
  },
  {
    kind: 'select' as const,
    name: 'severity',
    label: 'Severity',
    options: severities.map((value) => ({ value, text: severityLabels[value] })),
  },
  { kind: 'flag' as const, name: 'fixed', label: 'Also fixed' },
];

export default function ReportPage() {
  const { report, isFiltered, maySync, mayAccept } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const { state } = useNavigation();
  useLive(['server']);
  const sync = maySync ? (
    <Form method="post">
      <input type="hidden" name="intent" value="sync" />
      <Button variant="primary" disabled={state !== 'idle'}>
        Sync and report
      </Button>
    </Form>
  ) : null;
  return (
    <div className="space-y-6">
      {report.at ? (
        <p className="text-sm text-muted">
          How well the server keeps to MCP, how good its tools are for models, and whether they are safe. Made{' '}
          <Time at={report.at} relative />.
        </p>
      ) : null}
      <ErrorSummary problem={answer && 'problem' in answer ? answer.problem : undefined} />
      {answer && 'done' in answer ? <Notice title={answer.done} /> : null}
      {report.at === null ? (
        <EmptyState title="No report yet" action={sync}>
          Sync the server: each sync makes a report, which takes up to a minute.
        </EmptyState>
      ) : (
        <>
          <Scores scores={report.scores} />
          <section aria-label="Findings" className="space-y-3">
            <FilterBar filters={filters} />
            <Findings findings={report.findings} isFiltered={isFiltered} mayAccept={mayAccept} />
          </section>
          <Clients clients={report.clients} />
          <History history={report.history} />
          <NotRun rules={report.notRun} />
        </>
      )}
    </div>
  );
}
