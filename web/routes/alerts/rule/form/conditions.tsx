import { SelectField } from '../../../../ui/form/field.tsx';
import { every, span } from '../labels.ts';
import { Amount, AmountProblems, type PartProps, Section, Tick, unlessShown } from './parts.tsx';

const reminders = [15, 30, 60, 240, 720, 1440];
const cooldowns = [15, 60, 240, 1440];

export type Shown = { workflows: boolean; monitors: boolean; threshold: boolean };

const fixed: { [kind: string]: string } = {
  installation: 'When no worker takes work, when schedules are late, or when a model provider refuses its key.',
  tool_changes: 'When a sync finds that a tool was removed, or that its schema changed so that callers may break.',
  report:
    'When a sync finds something in a server that must be corrected, and that the first report on the server did not have.',
  budget:
    'When 80 % of what the workspace or a workflow may use in a month is used. At 100 %, new runs end in an error.',
};

/** @param props.kind of the target; empty while none is chosen */
export function ConditionsSection({ start, problem, kind, shown }: PartProps & { kind: string; shown: Shown }) {
  const isOnly = (what: 'workflow' | 'monitor') => kind === what || kind === `all_${what}s`;
  const note = fixed[kind];
  return (
    <Section title="When to notify">
      {kind === '' ? <p className="text-muted noscript:hidden">Choose what to watch first.</p> : null}
      {note ? <p className="text-muted">{note}</p> : null}
      <div className={`space-y-2 ${unlessShown(shown.workflows)}`}>
        <p className="text-muted">
          {isOnly('workflow') ? '' : 'Workflows: '}When a run fails or ends in an error, and also when it
        </p>
        <Tick name="onPartial" on={start} text="is partial" />
        <Tick name="onFlagged" on={start} text="called a blocked tool" />
        <Tick name="includeManualRuns" on={start} text="was started manually" />
      </div>
      <div className={`space-y-2 ${unlessShown(shown.monitors)}`}>
        <p className="text-muted">
          {isOnly('monitor') ? '' : 'Monitors: '}When a check fails or has an error, and also when it
        </p>
        <Tick name="onDegraded" on={start} text="is degraded: slower than its threshold, or an assertion is not met" />
      </div>
      <div className={`space-y-2 ${unlessShown(shown.threshold)}`}>
        <p className="text-sm font-medium">After</p>
        <div className="flex flex-wrap items-center gap-2">
          <label className="flex items-center gap-2">
            <input
              type="radio"
              name="threshold"
              value="consecutive"
              defaultChecked={start.get('threshold') !== 'within'}
            />
            In a row:
          </label>
          <Amount
            name="consecutive"
            label="Failures in a row"
            field={start.get('threshold') === 'within' ? null : 'conditions.threshold.failures'}
            start={start}
            problem={problem}
          />
          failures in a row
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <label className="flex items-center gap-2">
            <input type="radio" name="threshold" value="within" defaultChecked={start.get('threshold') === 'within'} />
            Within a period:
          </label>
          <Amount
            name="failures"
            label="Failures"
            field={start.get('threshold') === 'within' ? 'conditions.threshold.failures' : null}
            start={start}
            problem={problem}
          />
          failures within
          <Amount
            name="minutes"
            label="Minutes"
            most={1440}
            field="conditions.threshold.minutes"
            start={start}
            problem={problem}
          />
          minutes
        </div>
        <AmountProblems fields={['conditions.threshold.failures', 'conditions.threshold.minutes']} problem={problem} />
      </div>
    </Section>
  );
}

export function RepeatSection({ start }: PartProps) {
  return (
    <Section title="How often">
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label="Reminders" name="remind" defaultValue={start.get('remind')}>
          <option value="">None</option>
          {withOwn(reminders, start.get('remind')).map((minutes) => (
            <option key={minutes} value={minutes}>
              {every(minutes).replace(/^e/, 'E')}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="Minimum time between notifications"
          name="cooldown"
          defaultValue={start.get('cooldown')}
          hint="How long to wait before notifying about the same subject again."
        >
          <option value="0">None</option>
          {withOwn(cooldowns, start.get('cooldown')).map((minutes) => (
            <option key={minutes} value={minutes}>
              {span(minutes)}
            </option>
          ))}
        </SelectField>
      </div>
      <Tick name="tellRecovery" on={start} text="Notify on recovery" />
    </Section>
  );
}

/** Keeps a period that another client chose and the list lacks. */
const withOwn = (periods: readonly number[], own: string): number[] => {
  const minutes = Number(own);
  return own === '' || minutes === 0 || !Number.isInteger(minutes) || periods.includes(minutes)
    ? [...periods]
    : [...periods, minutes].sort((a, b) => a - b);
};
