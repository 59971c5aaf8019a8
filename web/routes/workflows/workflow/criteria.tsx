import { useFormat } from '../../../shell/reader-provider.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { CodeText } from '../../../ui/base/code-text.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { RunStrip } from '../../../ui/chart/run-strip.tsx';
import { Link } from '../../../ui/page/link.tsx';
import type { OverviewData } from './overview.tsx';

const strip = 20;

/** The criteria, those that fail most first, each with its latest verdicts. */
export function RankedCriteria({
  criteria,
  base,
  hasRuns,
}: Pick<OverviewData, 'criteria'> & { base: string; hasRuns: boolean }) {
  const format = useFormat();
  return (
    <Card flush title={hasRuns ? 'Success criteria, most failures first' : 'Success criteria'}>
      <ol className="divide-y divide-line">
        {criteria.map(({ id, text, isRequired, failures, graded, verdicts }) => {
          const failed = verdicts.findLast(({ status }) => status === 'fail');
          return (
            <li key={id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
              <span className="min-w-0 flex-1 basis-64 text-table">
                <CodeText text={text} /> {isRequired ? null : <StateLabel>Optional</StateLabel>}
              </span>
              {hasRuns ? (
                <span className="flex flex-wrap items-center gap-x-4 gap-y-1">
                  <span className="text-muted text-xs tabular-nums md:w-32 md:text-right">
                    {graded === 0 ? (
                      'Not graded yet'
                    ) : failed ? (
                      <Link
                        to={`${base}/runs/${failed.id}`}
                        className="text-accent underline"
                        title="The latest failure"
                      >
                        {format.number(failures)} of {format.number(graded)} failed
                      </Link>
                    ) : (
                      `0 of ${format.number(graded)} failed`
                    )}
                  </span>
                  <RunStrip label={`Last ${strip} verdicts`} runs={verdicts} size={strip} />
                </span>
              ) : null}
            </li>
          );
        })}
      </ol>
    </Card>
  );
}
