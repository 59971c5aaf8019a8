import { useState } from 'react';
import { schedulePresets } from '../../../../domain/schedule/presets.ts';
import type { SchedulePlan } from '../../../../services/workflow/editing/plan-schedule.ts';
import { useFormat, useReader } from '../../../shell/reader-provider.tsx';
import { createFormat } from '../../../ui/base/format.ts';
import { SelectField, TextField } from '../../../ui/form/field.tsx';
import { useHydrated } from '../../../ui/hooks/use-hydrated.ts';
import type { EditorValues } from './values.ts';

/** The schedule, with when it fires next and what its runs cost, checked as one types. */
export function ScheduleEditor({
  editor,
  plan,
  problems,
}: {
  editor: EditorValues;
  plan: SchedulePlan;
  problems: { schedule: string | undefined; timezone: string | undefined };
}) {
  const hydrated = useHydrated();
  const [preset, setPreset] = useState(editor.preset);
  return (
    <div className="grid gap-6 md:grid-cols-2">
      <div className="space-y-4">
        <SelectField
          label="Runs"
          name="preset"
          defaultValue={editor.preset}
          onChange={(event) => setPreset(event.target.value)}
        >
          {schedulePresets.map(({ id, label, cron: value }) => (
            <option key={id} value={value ?? ''}>
              {label}
            </option>
          ))}
          <option value="custom">Cron expression …</option>
        </SelectField>
        {/* Without scripts it can't appear when it is needed. */}
        <div hidden={hydrated && preset !== 'custom'}>
          <TextField
            label="Cron expression"
            name="cron"
            className="font-mono"
            defaultValue={editor.cron}
            placeholder="30 6 * * 1-5"
            hint="Minute, hour, day of month, month, day of week."
            problem={problems.schedule}
          />
        </div>
        <TextField
          label="Time zone"
          name="timezone"
          list="timezones"
          defaultValue={editor.timezone}
          hint="An IANA name, such as Europe/Berlin."
          problem={problems.timezone}
        />
        <datalist id="timezones">
          {hydrated ? Intl.supportedValuesOf('timeZone').map((zone) => <option key={zone} value={zone} />) : null}
        </datalist>
      </div>
      <Plan plan={plan} timezone={editor.timezone} />
    </div>
  );
}

function Plan({ plan }: { plan: SchedulePlan; timezone: string }) {
  const { problem, timezoneProblem, label, fires, timezone } = plan;
  if (problem ?? timezoneProblem)
    return (
      <p aria-live="polite" className="text-fail text-sm">
        {problem ?? timezoneProblem}
      </p>
    );
  if (fires.length === 0)
    return <p className="text-muted text-sm">It runs only when started manually or through the API.</p>;
  return (
    <div aria-live="polite" className="space-y-3 text-sm">
      <p className="font-medium">{label}</p>
      <Fires fires={fires} timezone={timezone} />
      <Forecast plan={plan} />
    </div>
  );
}

/** The next times, in the zone of the schedule and in the reader's. */
function Fires({ fires, timezone }: { fires: string[]; timezone: string }) {
  const { locale, zone } = useReader();
  const own = useFormat();
  const format = createFormat({ locale, zone: timezone });
  const isSame = zone === timezone;
  return (
    <table className="w-full text-left text-table tabular-nums">
      <thead className="text-muted text-xs">
        <tr>
          <th className="py-1 pr-4 font-medium">Next runs in {timezone}</th>
          {isSame ? null : <th className="py-1 font-medium">In your time zone</th>}
        </tr>
      </thead>
      {/* The time zone data of a browser may be older or newer than the server's. */}
      <tbody suppressHydrationWarning>
        {fires.map((at) => (
          <tr key={at} className="border-line border-t">
            <td className="py-1 pr-4" suppressHydrationWarning>
              <time dateTime={at}>{format.weekdayTime(at)}</time>
            </td>
            {isSame ? null : (
              <td className="py-1 text-muted" suppressHydrationWarning>
                {own.weekdayTime(at)}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** "About 720 runs in 30 days, $3.02 at the cost of the last runs." */
function Forecast({ plan: { monthlyRuns, monthlyCost, unpricedModels } }: { plan: SchedulePlan }) {
  const format = useFormat();
  return (
    <p className="text-muted text-table">
      About {format.count(monthlyRuns, 'run')} in 30 days
      {monthlyCost === null ? '. The cost is known after the first runs.' : null}
      {monthlyCost === null ? null : `, ${format.cost(monthlyCost)} at the cost of the last runs`}
      {monthlyCost !== null && unpricedModels.length > 0
        ? `, without ${unpricedModels.join(', ')}, whose cost is unknown`
        : null}
      {monthlyCost === null ? null : '.'}
    </p>
  );
}
