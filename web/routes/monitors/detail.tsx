import { randomUUID } from 'node:crypto';
import { Radar } from 'lucide-react';
import {
  Form,
  type MetaFunction,
  redirect,
  useLoaderData,
  useNavigation,
  useParams,
  useSearchParams,
} from 'react-router';
import { ArmatureError } from '../../../domain/error/error.ts';
import { atLeast } from '../../../domain/role/role.ts';
import type { Context } from '../../../services/context/context.ts';
import { archiveMonitors } from '../../../services/monitor/archive.ts';
import { checkMonitorsNow } from '../../../services/monitor/check-now.ts';
import { getMonitor } from '../../../services/monitor/reading/get.ts';
import { listChecks } from '../../../services/monitor/reading/list-checks.ts';
import { setMonitorState } from '../../../services/monitor/set-state.ts';
import { useActionData } from '../../shell/action-data.ts';
import { text } from '../../shell/form.ts';
import { useLive } from '../../shell/live/live.tsx';
import { pickOne, query } from '../../shell/query.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { MaintenanceBadge } from '../../ui/base/badge.tsx';
import { Button, LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { DescriptionList } from '../../ui/base/description-list.tsx';
import type { Format } from '../../ui/base/format.ts';
import { Notice } from '../../ui/base/notice.tsx';
import { Code } from '../../ui/base/text.tsx';
import { Time } from '../../ui/base/time.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { type CheckList, Checks } from './checks.tsx';
import { MonitorConfiguration } from './configuration.tsx';
import { MonitorIncidents } from './incidents.tsx';
import { errorKindLabels, intervalLabels } from './labels.ts';
import { LatencyChart } from './latency-chart.tsx';
import { MonitorStatus, SettingUpBadge } from './status.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `${loaderData?.monitor.name ?? 'Monitor'} · Armature` },
];

const ranges = [
  ['24h', '24 hours'],
  ['7d', '7 days'],
  ['30d', '30 days'],
] as const;
const outcomes = ['pass', 'degraded', 'fail', 'error', 'failing'] as const;

export const loader = memberLoader(async ({ ctx, params, url, org }) => {
  const monitorId = params.monitorId ?? '';
  const asked = query(url, ['range', 'day', 'outcome', 'cursor', 'asked', 'key']);
  const range = pickOne(
    asked.range,
    ranges.map(([value]) => value),
  );
  const { checks: latest, ...page } = await getMonitor(ctx, { monitorId, ...(range && { range }) });
  const outcome = pickOne(asked.outcome, outcomes);
  const wanted = asked.day || outcome || asked.cursor;
  const list: CheckList = wanted
    ? await checksOfDay(ctx, { monitorId, day: asked.day, outcome, cursor: asked.cursor })
    : {
        checks: latest,
        day: null,
        nextCursor: null,
        earlierDay: dayBefore(ctx.deps.now(), page.monitor.createdAt),
        laterDay: null,
      };
  const now = ctx.deps.now();
  const since = Date.parse(asked.asked ?? '');
  return {
    ...page,
    list,
    to: new Date(Date.parse(page.since) + page.points.length * page.bucketSeconds * 1000).toISOString(),
    mayEdit: atLeast(org.role, 'editor'),
    /** Whether the check requested on this page is still pending. */
    asked:
      asked.key !== undefined && now.getTime() - since < waitMs
        ? { arrived: latest.some(({ key }) => key === asked.key) }
        : null,
    /** Key of the next click on "Check now", so that a double click is one check. */
    key: randomUUID(),
  };
});

async function checksOfDay(
  ctx: Context,
  { monitorId, day, outcome, cursor }: { monitorId: string; [name: string]: string | undefined },
): Promise<CheckList> {
  const known = pickOne(outcome, outcomes);
  return listChecks(ctx, {
    monitorId,
    ...(day && { day }),
    ...(known && { outcome: known }),
    ...(cursor && { cursor }),
    limit: 100,
  });
}

/** The day before yesterday, if the monitor is that old. */
function dayBefore(now: Date, createdAt: string): string | null {
  const day = new Date(now.getTime() - 2 * 86_400_000).toISOString().slice(0, 10);
  return day >= createdAt.slice(0, 10) ? day : null;
}

export const action = memberAction(async ({ ctx, form, params, path, url }) => {
  const monitorId = params.monitorId ?? '';
  const here = `monitors/${monitorId}`;
  switch (text(form, 'intent')) {
    case 'check': {
      const asked = ctx.deps.now().toISOString();
      const { key } = await checkMonitorsNow(ctx, { monitorIds: [monitorId], key: text(form, 'key') });
      const next = new URLSearchParams({ asked, key });
      const range = url.searchParams.get('range');
      if (range) next.set('range', range);
      throw redirect(path(`${here}?${next}`));
    }
    case 'pause':
      await setMonitorState(ctx, { monitorIds: [monitorId], state: 'paused' });
      break;
    case 'resume':
      await setMonitorState(ctx, { monitorIds: [monitorId], state: 'active' });
      break;
    case 'delete':
      await archiveMonitors(ctx, { monitorIds: [monitorId] });
      throw redirect(path('monitors'));
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
  throw redirect(path(here));
});

/** How long to wait for a requested result. */
const waitMs = 150_000;

export default function MonitorPage() {
  const format = useFormat();
  const page = useLoaderData<typeof loader>();
  useLive(['monitor'], { id: page.monitor.id });
  useLive(['incident']);
  const { monitor, server, health, uptime, latency, maintenance, incidents, warnings, schedule, asked } = page;
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  const [search] = useSearchParams();
  const base = `/o/${useParams().org}`;
  const archived = monitor.state === 'archived';
  const editable = page.mayEdit && !archived;
  const waiting = asked?.arrived === false;
  return (
    <div className="space-y-6">
      <PageHeader
        title={monitor.name}
        note={
          <>
            Calls <Code>{monitor.tool}</Code> of <TextLink to={`${base}/servers/${server.id}`}>{server.name}</TextLink>
            {monitor.state === 'active' ? `, ${intervalLabels(monitor.intervalSeconds).toLowerCase()}` : ''}
          </>
        }
        trail={[{ to: '..', text: 'Monitors' }]}
        actions={
          editable ? (
            <>
              <Form method="post">
                <input type="hidden" name="key" value={page.key} />
                <Button variant="primary" name="intent" value="check" disabled={busy || waiting}>
                  <Radar aria-hidden="true" className="size-4" /> {waiting ? 'Checking …' : 'Check now'}
                </Button>
              </Form>
              <Form method="post">
                {monitor.state === 'paused' ? (
                  <Button name="intent" value="resume" disabled={busy}>
                    Resume
                  </Button>
                ) : (
                  <Button name="intent" value="pause" disabled={busy}>
                    Pause
                  </Button>
                )}
              </Form>
              <LinkButton to={`${base}/alerts/rules/new?monitor=${monitor.id}`}>Alert me</LinkButton>
              <LinkButton to="edit">Edit</LinkButton>
              <LinkButton to="?confirm=delete#delete" variant="danger">
                Delete
              </LinkButton>
            </>
          ) : null
        }
      />
      <ErrorSummary problem={answer?.problem} />
      {archived ? <Notice title="This monitor was deleted.">Its history stays readable.</Notice> : null}
      <p role="status" className="empty:hidden">
        {waiting ? 'Check requested. Its result appears here. Without JavaScript, reload the page.' : ''}
        {asked?.arrived ? 'The requested check is first in the list.' : ''}
      </p>
      {editable && search.get('confirm') === 'delete' ? (
        <ConfirmDelete name={monitor.name} openIncident={incidents.some(({ closedAt }) => closedAt === null)} />
      ) : null}
      {warnings.length > 0 ? (
        <Notice tone="warning" title="Checks are blocked">
          <ul className="list-disc pl-5">
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
      <Card
        title={
          <span className="flex flex-wrap items-center gap-2">
            <MonitorStatus state={monitor.state} outcome={health?.outcome ?? null} />
            {page.isSettingUp ? <SettingUpBadge /> : null}
            {page.inMaintenance ? <MaintenanceBadge /> : null}
          </span>
        }
        aside={<Ranges chosen={page.range} />}
      >
        <DescriptionList
          facts={[
            {
              term: health && (health.outcome === 'fail' || health.outcome === 'error') ? 'Failing since' : 'Since',
              value: health ? <Time at={health.since} /> : '–',
            },
            {
              term: 'Latest check',
              value: health ? (
                <>
                  <Time at={health.checkedAt} relative />
                  {health.errorKind ? <span className="text-muted"> · {errorKindLabels(health.errorKind)}</span> : null}
                </>
              ) : monitor.state === 'active' ? (
                'Waiting for the first check'
              ) : (
                'None'
              ),
            },
            { term: 'Uptime', value: format.percent(uptime.uptime) },
            { term: 'Without degraded', value: format.percent(uptime.strictUptime) },
            { term: 'p50', value: format.duration(latency.p50) },
            { term: 'p95', value: format.duration(latency.p95) },
            { term: 'p99', value: format.duration(latency.p99) },
            { term: 'Checks', value: countWords(uptime.counts, format) },
          ]}
        />
      </Card>
      <LatencyChart
        key={page.range}
        points={page.points}
        windows={maintenance.filter(({ startsAt }) => startsAt < page.to)}
        from={page.since}
        to={page.to}
      />
      <MonitorIncidents incidents={incidents} base={base} />
      <Checks list={page.list} />
      <MonitorConfiguration page={page} />
    </div>
  );
}

function countWords({ pass, degraded, fail, error, notReached, inMaintenance }: Counts, format: Format): string {
  const parts = [
    [pass, 'passed'],
    [degraded, 'degraded'],
    [fail, 'failed'],
    [error, 'in error'],
    [notReached, 'not reached'],
    [inMaintenance, 'in maintenance'],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, what]) => `${format.number(count)} ${what}`);
  return told.join(', ') || '–';
}
type Counts = { [outcome in 'pass' | 'degraded' | 'fail' | 'error' | 'notReached' | 'inMaintenance']: number };

function Ranges({ chosen }: { chosen: string }) {
  return (
    <nav aria-label="Time range" className="flex gap-1">
      {ranges.map(([value, words]) => (
        <LinkButton
          key={value}
          to={`?range=${value}`}
          variant={chosen === value ? 'plain' : 'quiet'}
          aria-current={chosen === value ? 'true' : undefined}
          preventScrollReset
        >
          {words}
        </LinkButton>
      ))}
    </nav>
  );
}

function ConfirmDelete({ name, openIncident }: { name: string; openIncident: boolean }) {
  return (
    <section id="delete" aria-labelledby="delete-title" className="rounded-lg border border-fail/50 bg-surface p-4">
      <h2 id="delete-title" className="font-semibold text-fail">
        Delete {name}?
      </h2>
      <p className="mt-1">
        Its tool is no longer called, it leaves the lists, and alert rules for this monitor alone stop firing.
        {openIncident ? ' Its open incident closes.' : ''} Its checks and incidents stay readable at this address for as
        long as they are kept.
      </p>
      <Form method="post" action="?" className="mt-3 flex gap-2">
        <Button variant="danger" name="intent" value="delete">
          Delete monitor
        </Button>
        <LinkButton to="?">Cancel</LinkButton>
      </Form>
    </section>
  );
}
