import { useState } from 'react';
import {
  nextFireTimes,
  scheduleLabel,
  schedulePresets,
  scheduleProblem,
} from '../../../../domain/schedule/schedule.ts';
import { isTimezone, timezones } from '../../../../domain/schedule/timezone.ts';
import { Time } from '../../../ui/base/time.tsx';
import { SelectField, TextField } from '../../../ui/form/field.tsx';
import { useHydrated } from '../../../ui/hooks/use-hydrated.ts';
import { type EditorValues, toCron } from './values.ts';

/** The schedule with its label and next times, updated while typing. @param now of the server, for the first render */
export function ScheduleEditor({
  editor,
  now,
  problems,
}: {
  editor: EditorValues;
  now: string;
  problems: { schedule: string | undefined; timezone: string | undefined };
}) {
  const hydrated = useHydrated();
  const [preset, setPreset] = useState(editor.preset);
  const [cron, setCron] = useState(editor.cron);
  const [timezone, setTimezone] = useState(editor.timezone);
  return (
    <div className="grid gap-6 md:grid-cols-2">
      <div className="space-y-4">
        <SelectField label="Runs" name="preset" value={preset} onChange={(event) => setPreset(event.target.value)}>
          {schedulePresets.map(({ id, label, cron: value }) => (
            <option key={id} value={value ?? ''}>
              {label}
            </option>
          ))}
          <option value="custom">Cron expression …</option>
        </SelectField>
        {!hydrated || preset === 'custom' ? (
          <TextField
            label="Cron expression"
            name="cron"
            className="font-mono"
            value={cron}
            onChange={(event) => setCron(event.target.value)}
            placeholder="30 6 * * 1-5"
            hint="Minute, hour, day of month, month, day of week."
            problem={problems.schedule}
          />
        ) : (
          <input type="hidden" name="cron" value={cron} />
        )}
        <TextField
          label="Time zone"
          name="timezone"
          list="timezones"
          value={timezone}
          onChange={(event) => setTimezone(event.target.value)}
          hint="An IANA name, such as Europe/Berlin."
          problem={problems.timezone}
        />
        <datalist id="timezones">
          {hydrated ? [...timezones].map((zone) => <option key={zone} value={zone} />) : null}
        </datalist>
      </div>
      <Preview cron={toCron({ preset, cron })} timezone={timezone} from={hydrated ? new Date() : new Date(now)} />
    </div>
  );
}

function Preview({ cron, timezone, from }: { cron: string | null; timezone: string; from: Date }) {
  if (cron === null) return <p className="text-muted">It runs only when started manually or through the API.</p>;
  const problem =
    scheduleProblem(cron) ??
    (isTimezone(timezone.trim()) ? null : 'Unknown time zone. Use an IANA name, such as Europe/Berlin.');
  return (
    <div aria-live="polite">
      {problem ? (
        <p className="text-fail">{problem}</p>
      ) : (
        <>
          <p className="font-semibold">{scheduleLabel(cron, timezone)}</p>
          <p className="mt-3 text-xs text-muted">Next runs, in your time zone</p>
          <ol className="mt-1 space-y-1">
            {nextFireTimes(cron, timezone.trim(), from, 5).map((time) => (
              <li key={time.getTime()}>
                <Time at={time} />
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}
