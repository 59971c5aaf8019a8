import { useSearchParams } from 'react-router';
import type { CheckErrorKind, CheckOutcome } from '../../../domain/monitor/monitor.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { Badge, MaintenanceBadge, OutcomeBadge } from '../../ui/base/badge.tsx';
import { LinkButton } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { DisclosureIcon, RawText } from '../../ui/base/text.tsx';
import { Time } from '../../ui/base/time.tsx';
import { Pager } from '../../ui/data/pager.tsx';
import { FilterBar } from '../../ui/form/filter-bar.tsx';
import { errorKindLabels } from './labels.ts';

type Check = {
  at: string;
  key: string | null;
  outcome: CheckOutcome;
  errorKind: CheckErrorKind | null;
  latencyMs: number | null;
  excerpt: string | null;
  resultBytes: number | null;
  degradedBy: string[];
  attempts: number;
  maintenance: boolean;
};

/** @param day of the list (UTC); null for the latest checks of today and yesterday */
export type CheckList = {
  checks: Check[];
  day: string | null;
  nextCursor: string | null;
  earlierDay: string | null;
  laterDay: string | null;
};

export function Checks({ list: { checks, day, nextCursor, earlierDay, laterDay } }: { list: CheckList }) {
  const [search] = useSearchParams();
  const onDay = (other: string) => {
    const next = new URLSearchParams(search);
    next.delete('cursor');
    next.delete('asked');
    next.set('day', other);
    return `?${next}#checks`;
  };
  return (
    <Card flush id="checks" title={day ? `Checks on ${day} (UTC)` : 'Latest checks'}>
      <div className="border-line border-b px-4 pt-3">
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
            <LinkButton to={onDay(earlierDay)} variant="quiet" preventScrollReset>
              Day before
            </LinkButton>
          ) : null}
          {day && laterDay ? (
            <LinkButton to={onDay(laterDay)} variant="quiet" preventScrollReset>
              Day after
            </LinkButton>
          ) : null}
        </FilterBar>
      </div>
      {checks.length === 0 ? (
        <p className="p-4 text-muted">{day ? 'No matching checks on that day.' : 'No checks yesterday or today.'}</p>
      ) : (
        <ul className="divide-y divide-line">
          {checks.map((check) => (
            <CheckLine key={`${check.at} ${check.key}`} check={check} />
          ))}
        </ul>
      )}
      {nextCursor || search.get('cursor') ? (
        <div className="px-4 pb-4">
          <Pager nextCursor={nextCursor} />
        </div>
      ) : null}
    </Card>
  );
}

function CheckLine({ check }: { check: Check }) {
  const format = useFormat();
  const { at, key, outcome, errorKind, latencyMs, excerpt, resultBytes, degradedBy, attempts, maintenance } = check;
  const facts = [
    ...(errorKind ? [errorKindLabels(errorKind)] : []),
    ...(resultBytes === null ? [] : [`${format.number(resultBytes)} bytes`]),
    ...(attempts > 1 ? [`${attempts} attempts`] : []),
  ];
  const line = (
    <>
      {errorKind === 'not_reached' ? <Badge>Not reached</Badge> : <OutcomeBadge outcome={outcome} />}
      <span className="w-18 text-right tabular-nums">{latencyMs === null ? '–' : format.duration(latencyMs)}</span>
      <Time at={at} />
      {key ? <Badge>Manual</Badge> : null}
      {maintenance ? <MaintenanceBadge /> : null}
      <span className="min-w-0 flex-1 truncate text-muted">{facts.join(' · ')}</span>
    </>
  );
  const shape = 'flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2';
  if (!excerpt && degradedBy.length === 0)
    return (
      <li className={shape}>
        <span className="w-4" />
        {line}
      </li>
    );
  return (
    <li>
      <details>
        <summary className={`${shape} hover:bg-sunken/60`}>
          <DisclosureIcon />
          {line}
        </summary>
        <div className="space-y-2 px-4 pb-3 pl-11">
          {degradedBy.map((why) => (
            <p key={why} className="text-partial">
              {why}
            </p>
          ))}
          {excerpt ? <RawText label={`Answer of the check of ${at}`}>{excerpt}</RawText> : null}
        </div>
      </details>
    </li>
  );
}
