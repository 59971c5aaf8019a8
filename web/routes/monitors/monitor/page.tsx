import { randomUUID } from 'node:crypto';
import { Radar } from 'lucide-react';
import type { FC } from 'react';
import { Form, type MetaFunction, Outlet, redirect, useLoaderData, useNavigation, useParams } from 'react-router';
import { ArmatureError } from '../../../../domain/error/error.ts';
import { atLeast } from '../../../../domain/role/role.ts';
import { archiveMonitors } from '../../../../services/monitor/archive.ts';
import { checkMonitorsNow } from '../../../../services/monitor/check-now.ts';
import { getMonitor } from '../../../../services/monitor/reading/get.ts';
import { monitorRanges } from '../../../../services/monitor/schema.ts';
import { setMonitorState } from '../../../../services/monitor/set-state.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { pickOne, query } from '../../../shell/query.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { MaintenanceBadge } from '../../../ui/base/badge.tsx';
import { Button, TextLink } from '../../../ui/base/button.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { Code } from '../../../ui/base/text.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { ConfirmDialog } from '../../../ui/overlay/confirm-dialog.tsx';
import { dangerItemClass, menuItemClass } from '../../../ui/overlay/menu.tsx';
import { Toast } from '../../../ui/overlay/toast.tsx';
import { Link } from '../../../ui/page/link.tsx';
import { PageHeader } from '../../../ui/page/page-header.tsx';
import { intervalLabels } from '../labels.ts';
import { MonitorStatus, SettingUpBadge } from '../status.tsx';
import { CheckTable, type CheckTableProps } from './check-table.tsx';
import { toMonth } from './month.server.ts';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `${loaderData?.monitor.name ?? 'Monitor'} · Armature` },
];

/** Of the latest checks, on the overview. */
const shownChecks = 10;

export const loader = memberLoader(async ({ ctx, params, url, org }) => {
  const { range: wanted, asked, key } = query(url, ['range', 'asked', 'key']);
  const range = pickOne(wanted, monitorRanges);
  const monitorId = params.monitorId ?? '';
  const { checks, tool, days, ...page } = await getMonitor(ctx, { monitorId, ...(range && { range }) });
  const isWaited = key !== undefined && ctx.deps.now().getTime() - Date.parse(asked ?? '') < waitMs;
  return {
    ...page,
    month: toMonth(days),
    tool: tool && { title: tool.title },
    // Their results are on the page of checks.
    latest: checks.slice(0, shownChecks).map(({ excerpt: _, startedAt: __, ...check }) => check),
    to: new Date(Date.parse(page.since) + page.points.length * page.bucketSeconds * 1000).toISOString(),
    mayEdit: atLeast(org.role, 'editor') && page.monitor.state !== 'archived',
    /** Whether the check requested on this page is still pending. */
    requested: isWaited ? { arrived: checks.some((check) => check.key === key) } : null,
    /** Key of the next click on "Check now", so that a double click is one check. */
    key: randomUUID(),
  };
});

/** How long to wait for a requested result. */
const waitMs = 150_000;

export const action = memberAction(async ({ ctx, form, params, path, url }) => {
  const monitorId = params.monitorId ?? '';
  const at = ctx.deps.now().toISOString();
  switch (text(form, 'intent')) {
    case 'check': {
      const { key } = await checkMonitorsNow(ctx, { monitorIds: [monitorId], key: text(form, 'key') });
      const next = new URLSearchParams({ asked: at, key });
      const range = url.searchParams.get('range');
      if (range) next.set('range', range);
      throw redirect(path(`monitors/${monitorId}?${next}`));
    }
    case 'pause':
      await setMonitorState(ctx, { monitorIds: [monitorId], state: 'paused' });
      return { at, done: 'Monitor paused.', undo: { intent: 'resume' } };
    case 'resume':
      await setMonitorState(ctx, { monitorIds: [monitorId], state: 'active' });
      return { at, done: 'Monitor resumed.', undo: { intent: 'pause' } };
    case 'delete':
      await archiveMonitors(ctx, { monitorIds: [monitorId] });
      throw redirect(path('monitors'));
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

export type MonitorPageData = ReturnType<typeof useLoaderData<typeof loader>>;

/** What the tabs get of their frame: the table, too, which would be a file and so a request of its own. */
export type MonitorContext = { page: MonitorPageData; base: string; url: string; CheckTable: FC<CheckTableProps> };

export default function MonitorPage() {
  const page = useLoaderData<typeof loader>();
  const { monitor, health, incidents, warnings, schedule, requested } = page;
  useLive(['monitor'], { id: monitor.id });
  useLive(['incident', 'server']);
  const answer = useActionData<typeof action>();
  const base = `/o/${useParams().org}`;
  const url = `${base}/monitors/${monitor.id}`;
  const openCount = incidents.filter(({ closedAt }) => closedAt === null).length;
  return (
    <>
      <PageHeader
        title={<span data-verbatim>{monitor.name}</span>}
        icon={<Radar className="size-5" />}
        status={
          <>
            <span aria-live="polite">
              <MonitorStatus state={monitor.state} outcome={health?.outcome ?? null} />
            </span>
            {page.isSettingUp ? <SettingUpBadge /> : null}
            {page.inMaintenance ? <MaintenanceBadge /> : null}
          </>
        }
        note={<Meta page={page} base={base} />}
        trail={[{ to: `${base}/monitors`, text: 'Monitors' }]}
        actions={page.mayEdit ? <Actions page={page} url={url} /> : null}
        menu={page.mayEdit ? <More page={page} base={base} url={url} hasOpenIncident={openCount > 0} /> : null}
        tabs={[
          { to: url, text: 'Overview' },
          { to: `${url}/checks`, text: 'Checks' },
          { to: `${url}/incidents`, text: 'Incidents', ...(openCount > 0 && { count: openCount }) },
          ...(page.mayEdit ? [{ to: `${url}/edit`, text: 'Edit' }] : []),
        ]}
      />
      <div className="mb-6 space-y-4 empty:hidden">
        {answer && 'problem' in answer ? <ErrorSummary problem={answer.problem} /> : null}
        {monitor.state === 'archived' ? (
          <Notice title="This monitor was deleted.">Its history stays readable.</Notice>
        ) : null}
        <p role="status" className="text-muted empty:hidden">
          {requested?.arrived === false ? 'Check requested. Without JavaScript, reload the page.' : ''}
          {requested?.arrived ? 'The requested check is first in the list.' : ''}
        </p>
        {warnings.length > 0 ? (
          <Notice tone="warning" title="Checks are blocked">
            <ul className={warnings.length > 1 ? 'list-disc pl-5' : ''} data-verbatim>
              {warnings.map(({ code, message }) => (
                <li key={`${code} ${message}`}>{message}</li>
              ))}
            </ul>
          </Notice>
        ) : null}
        {schedule.pausedByOperator && monitor.state === 'active' ? (
          <Notice tone="warning" title="An operator paused this schedule in Temporal.">
            It stays paused until the operator resumes it there. Manual checks still work.
          </Notice>
        ) : null}
      </div>
      <Outlet context={{ page, base, url, CheckTable } satisfies MonitorContext} />
      {answer && 'done' in answer ? (
        <Toast
          key={answer.at}
          message={answer.done}
          {...(answer.undo && { undo: { fields: answer.undo, action: url } })}
        />
      ) : null}
    </>
  );
}

function Meta({ page: { monitor, server }, base }: { page: MonitorPageData; base: string }) {
  return (
    <>
      Calls <Code>{monitor.tool}</Code> of <TextLink to={`${base}/servers/${server.id}`}>{server.name}</TextLink>
      {monitor.state === 'active' ? `, ${intervalLabels(monitor.intervalSeconds).toLowerCase()}` : ''}
    </>
  );
}

function Actions({ page, url }: { page: MonitorPageData; url: string }) {
  const isBusy = useNavigation().state !== 'idle';
  const isWaiting = page.requested?.arrived === false;
  const isPaused = page.monitor.state === 'paused';
  return (
    <>
      <Form method="post" action={`${url}${page.range === '24h' ? '' : `?range=${page.range}`}`}>
        <input type="hidden" name="key" value={page.key} />
        <Button variant="primary" name="intent" value="check" disabled={isBusy || isWaiting}>
          {isWaiting ? 'Checking …' : 'Check now'}
        </Button>
      </Form>
      <Form method="post" action={url}>
        <Button name="intent" value={isPaused ? 'resume' : 'pause'} disabled={isBusy}>
          {isPaused ? 'Resume' : 'Pause'}
        </Button>
      </Form>
    </>
  );
}

function More({
  page: { monitor },
  base,
  url,
  hasOpenIncident,
}: {
  page: MonitorPageData;
  base: string;
  url: string;
  hasOpenIncident: boolean;
}) {
  return (
    <>
      <Link to={`${base}/alerts/rules/new?monitor=${monitor.id}`} className={menuItemClass}>
        Create alert rule
      </Link>
      <ConfirmDialog
        trigger={{ text: 'Delete monitor', className: dangerItemClass }}
        title={`Delete ${monitor.name}?`}
        confirm="Delete monitor"
        fields={{ intent: 'delete' }}
        action={url}
      >
        It is no longer checked, and alert rules for this monitor alone stop firing.
        {hasOpenIncident ? ' Its open incident closes.' : ''} Its history stays readable.
      </ConfirmDialog>
    </>
  );
}
