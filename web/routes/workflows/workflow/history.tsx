import { useFormat } from '../../../shell/reader-provider.tsx';
import { Card } from '../../../ui/base/card.tsx';
import type { Format } from '../../../ui/base/format.ts';
import { Day } from '../../../ui/base/time.tsx';
import { BarChart } from '../../../ui/chart/bar-chart.tsx';
import { RunGrid } from '../../../ui/chart/run-grid.tsx';
import type { OverviewData } from './overview.tsx';

/** How many graded runs passed each day, with a mark where a version was saved. */
export function PassRateBars({ days, versions }: Pick<OverviewData, 'days' | 'versions'>) {
  const format = useFormat();
  const total = days.reduce((sum, { pass, graded }) => ({ pass: sum.pass + pass, graded: sum.graded + graded }), {
    pass: 0,
    graded: 0,
  });
  const shown = days.filter(({ graded }) => graded > 0);
  return (
    <Card
      title="Pass rate, 30 days"
      aside={
        <span className="text-sm tabular-nums">
          {total.graded === 0
            ? 'No graded runs'
            : `${format.percent(total.pass / total.graded)} of ${format.count(total.graded, 'run')} passed`}
        </span>
      }
    >
      <BarChart
        label="Runs that passed and that did not, by day"
        markName="New version"
        bars={days.map(({ day, pass, graded }) => {
          const mark = markOf(day, versions);
          return {
            at: day,
            parts: [
              { status: 'pass', count: pass },
              { status: 'fail', count: graded - pass },
            ],
            ...(mark && { mark }),
          };
        })}
        table={
          <table className="w-full text-left text-table">
            <thead className="text-muted text-xs">
              <tr>
                <th className="py-1 font-medium">Day (UTC)</th>
                <th className="py-1 text-right font-medium">Passed</th>
                <th className="py-1 text-right font-medium">Runs</th>
                <th className="py-1 text-right font-medium">Pass rate</th>
              </tr>
            </thead>
            <tbody className="tabular-nums">
              {shown.toReversed().map(({ day, pass, graded }) => (
                <tr key={day} className="border-line border-t">
                  <td className="py-1">
                    <Day at={day} />
                  </td>
                  <td className="py-1 text-right">{format.number(pass)}</td>
                  <td className="py-1 text-right">{format.number(graded)}</td>
                  <td className="py-1 text-right">{format.percent(pass / graded)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        }
      />
    </Card>
  );
}

/** "Version 4" or "Versions 4–6", of those saved on this day (UTC). */
function markOf(day: string, versions: OverviewData['versions']): string | null {
  const numbers = versions
    .filter(({ createdAt }) => createdAt.slice(0, 10) === day.slice(0, 10))
    .map((each) => each.number);
  const [first, last] = [numbers[0], numbers.at(-1)];
  if (first === undefined) return null;
  return first === last ? `Version ${first}` : `Versions ${first}–${last}`;
}

export function ModelGrid({ models, base }: Pick<OverviewData, 'models'> & { base: string }) {
  const format = useFormat();
  return (
    <Card
      flush
      title={models.length > 1 ? 'Latest runs of each model' : 'Latest runs'}
      aside={<span className="text-muted text-xs">In brackets: the 95 % interval of the pass rate</span>}
    >
      <RunGrid
        size={20}
        label="Latest runs of each tester model"
        rows={models.map((model) => ({
          key: model.model,
          name: model.model,
          note: describeModel(model, format),
          runs: model.runs.map(({ id, status, createdAt }) => ({
            id,
            status,
            at: createdAt,
            to: `${base}/runs/${id}`,
          })),
        }))}
      />
    </Card>
  );
}

/** "92 % of 24 passed (74.2 % to 97.8 %) · verdict changes in 8 % of runs". */
function describeModel({ pass, graded, interval, flakeRate }: OverviewData['models'][number], format: Format): string {
  if (graded === 0) return 'No graded run yet';
  return [
    `${format.percent(pass / graded)} of ${format.number(graded)} passed (${format.percent(interval.low)} to ${format.percent(interval.high)})`,
    flakeRate === null || flakeRate === 0 ? null : `verdict changes in ${format.percent(flakeRate)} of runs`,
  ]
    .filter(Boolean)
    .join(' · ');
}
