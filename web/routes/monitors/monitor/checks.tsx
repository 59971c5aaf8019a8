import { type MetaFunction, useLoaderData, useOutletContext, useSearchParams } from 'react-router';
import type { Context } from '../../../../services/context/context.ts';
import { getCheck } from '../../../../services/monitor/reading/get-check.ts';
import { listChecks } from '../../../../services/monitor/reading/list-checks.ts';
import { pickOne, query } from '../../../shell/query.ts';
import { memberLoader } from '../../../shell/route.server.ts';
import { LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { EmptyState } from '../../../ui/base/empty-state.tsx';
import { Pager } from '../../../ui/data/pager.tsx';
import { FilterBar } from '../../../ui/form/filter-bar.tsx';
import { toCheckId } from '../labels.ts';
import { CheckDrawer } from './check-drawer.tsx';
import type { MonitorContext } from './page.tsx';

export const meta: MetaFunction = () => [{ title: 'Checks of a monitor · Armature' }];

const outcomes = ['pass', 'degraded', 'fail', 'error', 'failing'] as const;
const pageSize = 50;

export const loader = memberLoader(async ({ ctx, params, url }) => {
  const monitorId = params.monitorId ?? '';
  const { day, outcome: wanted, cursor, check } = query(url, ['day', 'outcome', 'cursor', 'check']);
  const outcome = pickOne(wanted, outcomes);
  const of = { monitorId, ...(outcome && { outcome }), ...(cursor && { cursor }), limit: pageSize };
  const [today, shown] = await Promise.all([
    listChecks(ctx, { ...of, ...(day && { day }) }),
    check === undefined ? null : findCheck(ctx, monitorId, check),
  ]);
  // Soon after midnight (UTC) the latest checks are of the day before.
  const isEmptyToday = day === undefined && today.checks.length === 0 && today.earlierDay !== null;
  const list = isEmptyToday ? await listChecks(ctx, { ...of, day: today.earlierDay ?? '' }) : today;
  return {
    ...list,
    checks: list.checks.map(({ excerpt: _, startedAt: __, ...each }) => each),
    shown,
  };
});

/** @param id as `toCheckId` writes it */
async function findCheck(ctx: Context, monitorId: string, id: string) {
  const [at = '', key = null] = id.split('~');
  if (Number.isNaN(Date.parse(at))) return null;
  const { check } = await getCheck(ctx, { monitorId, at: new Date(at).toISOString(), key });
  return check;
}

/** The same list, with something else chosen. */
function withValue(search: URLSearchParams, values: { [name: string]: string | null }): string {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(values))
    if (value === null) next.delete(name);
    else next.set(name, value);
  return `?${next}`;
}

export default function Checks() {
  const { checks, day, nextCursor, earlierDay, laterDay, shown } = useLoaderData<typeof loader>();
  const { page, CheckTable } = useOutletContext<MonitorContext>();
  const [search] = useSearchParams();
  const toDay = (other: string) => withValue(search, { day: other, cursor: null, check: null });
  return (
    <>
      <FilterBar
        filters={[
          { kind: 'date', name: 'day', label: 'Day (UTC)' },
          {
            kind: 'select',
            name: 'outcome',
            label: 'Outcome',
            options: [
              { value: 'failing', text: 'Fail and error' },
              { value: 'pass', text: 'Pass' },
              { value: 'degraded', text: 'Degraded' },
              { value: 'fail', text: 'Fail' },
              { value: 'error', text: 'Error' },
            ],
          },
        ]}
      >
        {earlierDay ? (
          <LinkButton to={toDay(earlierDay)} variant="quiet" preventScrollReset>
            Day before
          </LinkButton>
        ) : null}
        {laterDay ? (
          <LinkButton to={toDay(laterDay)} variant="quiet" preventScrollReset>
            Day after
          </LinkButton>
        ) : null}
      </FilterBar>
      {checks.length > 0 ? (
        <Card flush title={`Checks on ${day} (UTC)`}>
          <CheckTable
            checks={checks}
            label={`Checks on ${day}`}
            to={(check) => withValue(search, { check: null }).concat(`&check=${toCheckId(check)}`)}
            opensInPlace
          />
        </Card>
      ) : (
        <EmptyState title={`No matching checks on ${day} (UTC)`}>
          {page.monitor.state === 'active' ? 'Choose another day or outcome.' : 'This monitor is not checked now.'}
        </EmptyState>
      )}
      <Pager nextCursor={nextCursor} />
      {shown ? (
        <CheckDrawer
          key={toCheckId(shown)}
          check={shown}
          monitor={page.monitor}
          closeTo={withValue(search, { check: null })}
        />
      ) : null}
    </>
  );
}
