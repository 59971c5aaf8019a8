import { randomUUID } from 'node:crypto';
import { Plus } from 'lucide-react';
import { Form, type MetaFunction, redirect, useLoaderData, useParams, useSearchParams } from 'react-router';
import { ArmatureError } from '../../../../domain/error/error.ts';
import { atLeast } from '../../../../domain/role/role.ts';
import { archiveMonitors } from '../../../../services/monitor/archive.ts';
import { checkMonitorsNow } from '../../../../services/monitor/check-now.ts';
import { listMonitorsWithHours } from '../../../../services/monitor/reading/list-with-hours.ts';
import { setMonitorState } from '../../../../services/monitor/set-state.ts';
import { listFilters } from '../../../../services/run/reading/filters.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { id, pickOne, query } from '../../../shell/query.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Button, LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { EmptyState } from '../../../ui/base/empty-state.tsx';
import { BulkForm } from '../../../ui/data/bulk-form.tsx';
import { Pager } from '../../../ui/data/pager.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { FilterBar } from '../../../ui/form/filter-bar.tsx';
import { Toast } from '../../../ui/overlay/toast.tsx';
import { PageHeader } from '../../../ui/page/page-header.tsx';
import { MonitorRows } from './table.tsx';
import { MonitorTotals } from './totals.tsx';

export const meta: MetaFunction = () => [{ title: 'Monitors · Armature' }];

const outcomes = [
  ['failing', 'Failing'],
  ['degraded', 'Degraded'],
  ['pass', 'Passing'],
  ['fail', 'Fail'],
  ['error', 'Error'],
  ['unchecked', 'No check yet'],
] as const;
const states = ['active', 'paused', 'archived'] as const;
const pageSize = 25;

export const loader = memberLoader(async ({ ctx, url, org }) => {
  const asked = query(url, ['server', 'outcome', 'state', 'search', 'cursor']);
  const serverId = id(asked.server);
  const outcome = pickOne(
    asked.outcome,
    outcomes.map(([value]) => value),
  );
  const state = pickOne(asked.state, states);
  const [list, { servers }] = await Promise.all([
    listMonitorsWithHours(ctx, {
      ...(serverId && { serverId }),
      ...(outcome && { outcome }),
      ...(state && { state }),
      ...(asked.search && { search: asked.search }),
      ...(asked.cursor && { cursor: asked.cursor }),
      limit: pageSize,
    }),
    listFilters(ctx, { ...(serverId && { serverId }) }),
  ]);
  return { ...list, servers, mayEdit: atLeast(org.role, 'editor'), now: ctx.deps.now().toISOString() };
});

export const action = memberAction(async ({ ctx, form, url }) => {
  const chosen = [...form.getAll('monitor'), ...text(form, 'monitors').split(' ')];
  const monitorIds = chosen.flatMap((value) => (typeof value === 'string' ? (id(value) ?? []) : []));
  if (monitorIds.length === 0)
    throw new ArmatureError('validation_failed', 'No monitors selected.', 'Select monitors, then try again.');
  const told = (changed: string[], what: string, back?: 'pause' | 'resume') => ({
    at: ctx.deps.now().toISOString(),
    done: changed.length === 1 ? `1 monitor ${what}.` : `${changed.length} monitors ${what}.`,
    ...(back && changed.length > 0 && { undo: { intent: back, monitors: changed.join(' ') } }),
  });
  switch (text(form, 'intent')) {
    case 'check': {
      // Taken before the checks start, so that all of them are later.
      const asked = ctx.deps.now().toISOString();
      await checkMonitorsNow(ctx, { monitorIds, key: randomUUID() });
      const next = new URLSearchParams(url.search);
      next.set('asked', asked);
      throw redirect(`?${next}`);
    }
    case 'pause':
      return told((await setMonitorState(ctx, { monitorIds, state: 'paused' })).changed, 'paused', 'resume');
    case 'resume':
      return told((await setMonitorState(ctx, { monitorIds, state: 'active' })).changed, 'resumed', 'pause');
    case 'delete':
      return { asked: monitorIds };
    case 'delete-them':
      return told((await archiveMonitors(ctx, { monitorIds })).changed, 'deleted');
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

/** How long to wait for requested results. */
const waitMs = 120_000;

export default function Monitors() {
  const { monitors, servers, nextCursor, totals, mayEdit, now } = useLoaderData<typeof loader>();
  useLive(['monitor']);
  const answer = useActionData<typeof action>();
  const [search] = useSearchParams();
  const base = `/o/${useParams().org}`;
  const asked = search.get('asked');
  const expected = asked !== null && Date.parse(now) - Date.parse(asked) < waitMs;
  const waiting =
    expected &&
    monitors.some(({ state, health }) => state === 'active' && (health === null || health.checkedAt < (asked ?? '')));
  const filtered = [...search].some(([name, value]) => name !== 'cursor' && name !== 'asked' && value !== '');
  const server = search.get('server');
  const make = mayEdit ? (
    <LinkButton to={server ? `new?server=${server}` : 'new'} variant="primary">
      <Plus aria-hidden="true" className="size-4" /> Add monitors
    </LinkButton>
  ) : null;
  const isSelectable = mayEdit && search.get('state') !== 'archived';
  const rows = (
    <MonitorRows monitors={monitors} base={base} isSelectable={isSelectable} waitingSince={expected ? asked : null} />
  );
  const toDelete = answer && 'asked' in answer && answer.asked ? answer.asked : null;
  return (
    <>
      <PageHeader
        title="Monitors"
        note="Each calls one tool with fixed arguments, on a schedule. No agent, no model."
        actions={totals.all > 0 || filtered ? make : null}
      />
      <div className="mb-4 space-y-4 empty:hidden">
        {answer && 'problem' in answer ? <ErrorSummary problem={answer.problem} /> : null}
        <p role="status" className="text-muted empty:hidden">
          {waiting ? 'Waiting for results …' : ''}
        </p>
        {toDelete ? <ConfirmDelete monitors={monitors} ids={toDelete} /> : null}
      </div>
      {totals.all > 0 || filtered ? (
        <>
          <div className="mb-4">
            <MonitorTotals totals={totals} server={server} />
          </div>
          <FilterBar
            filters={[
              { kind: 'search', name: 'search', label: 'Search', placeholder: 'Name or tool' },
              {
                kind: 'choice',
                name: 'server',
                label: 'Server',
                options: servers.map(({ id, name }) => ({ value: id, text: name })),
              },
              {
                kind: 'select',
                name: 'outcome',
                label: 'Latest check',
                options: outcomes.map(([value, text]) => ({ value, text })),
              },
              {
                kind: 'select',
                name: 'state',
                label: 'State',
                options: [
                  { value: 'active', text: 'Active' },
                  { value: 'paused', text: 'Paused' },
                  { value: 'archived', text: 'Deleted' },
                ],
                any: 'Active and paused',
              },
            ]}
          />
        </>
      ) : null}
      {monitors.length > 0 ? (
        <Card flush>
          {isSelectable ? (
            <BulkForm noun="monitor" answer={answer} actions={<Actions />}>
              {rows}
            </BulkForm>
          ) : (
            rows
          )}
        </Card>
      ) : filtered ? (
        <EmptyState title="No monitors match your filters." action={<LinkButton to="?">Clear filters</LinkButton>}>
          Change the filters to see other monitors.
        </EmptyState>
      ) : servers.length === 0 ? (
        <EmptyState
          title="Connect a server first"
          action={
            <LinkButton to={`${base}/servers/new`} variant="primary">
              Connect a server
            </LinkButton>
          }
        >
          A monitor calls one tool of an MCP server. Connect yours, then choose its tools.
        </EmptyState>
      ) : (
        <EmptyState title="No monitors yet" action={make}>
          Choose a server's tools, their arguments and how often to call them.
        </EmptyState>
      )}
      <Pager nextCursor={nextCursor} />
      {answer && 'done' in answer && answer.done ? (
        <Toast key={answer.at} message={answer.done} {...(answer.undo && { undo: { fields: answer.undo } })} />
      ) : null}
    </>
  );
}

/** What can be done with the selected monitors. */
function Actions() {
  return (
    <>
      <Button variant="quiet" name="intent" value="check">
        Check now
      </Button>
      <Button variant="quiet" name="intent" value="pause">
        Pause
      </Button>
      <Button variant="quiet" name="intent" value="resume">
        Resume
      </Button>
      <Button variant="quiet" name="intent" value="delete">
        Delete …
      </Button>
    </>
  );
}

function ConfirmDelete({ monitors, ids }: { monitors: { id: string; name: string }[]; ids: string[] }) {
  const [search] = useSearchParams();
  const named = monitors.filter(({ id }) => ids.includes(id));
  return (
    <section aria-labelledby="delete-title" className="rounded-lg border border-fail/50 bg-surface p-4">
      <h2 id="delete-title" className="font-semibold text-fail">
        Delete {ids.length === 1 ? 'this monitor' : `these ${ids.length} monitors`}?
      </h2>
      <p className="mt-1">
        They will no longer be checked, and their open incidents close. Their checks stay readable for as long as checks
        are kept.
      </p>
      <ul className="mt-2 max-h-48 list-disc overflow-y-auto pl-5">
        {named.map(({ id, name }) => (
          <li key={id}>{name}</li>
        ))}
        {named.length < ids.length ? <li>{ids.length - named.length} more</li> : null}
      </ul>
      <Form method="post" className="mt-3 flex gap-2">
        {ids.map((id) => (
          <input key={id} type="hidden" name="monitor" value={id} />
        ))}
        <Button variant="danger" name="intent" value="delete-them">
          Delete {ids.length === 1 ? 'monitor' : 'monitors'}
        </Button>
        <LinkButton to={`?${search}`}>Cancel</LinkButton>
      </Form>
    </section>
  );
}
