import { useFormat } from '../../../shell/reader-provider.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { CodeText } from '../../../ui/base/code-text.tsx';
import { StatusChip } from '../../../ui/base/status-chip.tsx';
import { toPageText } from '../../../ui/page/page-text.ts';
import type { Comparison } from './page.tsx';

type Change = Comparison['criteria'][number]['change'];

const changes: { [change in Change]: string } = {
  regressed: 'Regressed',
  fixed: 'Fixed',
  improved: 'Improved',
  added: 'New criterion',
  removed: 'Removed criterion',
  unchanged: 'Unchanged',
};
const order: readonly Change[] = ['regressed', 'fixed', 'improved', 'added', 'removed', 'unchanged'];

/** How each criterion was graded before and after, regressions first. */
export function CriteriaChanges({ comparison: { criteria, unchangedPasses } }: { comparison: Comparison }) {
  const format = useFormat();
  const sorted = [...criteria].sort((one, other) => order.indexOf(one.change) - order.indexOf(other.change));
  return (
    <Card flush title="Success criteria">
      {sorted.length === 0 && unchangedPasses === 0 ? <p className="p-4 text-muted">None were graded.</p> : null}
      <ul className="divide-y divide-line">
        {sorted.map(({ criterionId, text, textBefore, change, before, after, rationale }) => (
          <li key={criterionId} className="px-4 py-2.5">
            <p className="flex flex-wrap items-center gap-2 text-xs">
              <span className="font-medium">{changes[change]}</span>
              {before ? <StatusChip status={before} /> : null}
              {before && after ? <span aria-hidden="true">→</span> : null}
              {after ? <StatusChip status={after} /> : null}
            </p>
            <p className="mt-1 font-medium">
              {textBefore ? (
                <del className="mr-2 font-normal text-muted">
                  <CodeText text={textBefore} />
                </del>
              ) : null}
              <CodeText text={text} />
            </p>
            {rationale ? (
              <p className="text-table text-muted">
                <CodeText text={toPageText(rationale)} />
              </p>
            ) : null}
          </li>
        ))}
      </ul>
      {unchangedPasses > 0 ? (
        <p className="border-line border-t px-4 py-2.5 text-muted first:border-t-0">
          {format.count(unchangedPasses, 'criterion', 'criteria')} passed both times.
        </p>
      ) : null}
    </Card>
  );
}
