import type { ReactNode } from 'react';
import { writeToolName } from '../../../../domain/catalog/write-tool-name.ts';
import type { FieldError } from '../../../../domain/error/error.ts';
import { DisclosureIcon } from '../../../ui/base/text.tsx';
import { SelectField, TextArea, TextField } from '../../../ui/form/field.tsx';
import { intervalLabels } from '../labels.ts';
import { ArgumentsEditor } from './schema-form.tsx';
import { type MonitorRow, problemAt, problemsAt } from './values.ts';

/** What one monitor calls and how its result is judged. @param errors whose fields begin with the row's key */
export function MonitorFields({
  row,
  schema,
  errors,
}: {
  row: MonitorRow;
  schema: unknown;
  errors: readonly FieldError[];
}) {
  const { key } = row;
  const at = (field: string) => problemAt(errors, `${key}.${field}`);
  const judged = ['timeoutSeconds', 'degradedAboveMs', 'assertions', 'storeResults'];
  const changed =
    row.degradedAboveMs !== '' ||
    row.assertions !== '' ||
    !row.checkOutputSchema ||
    !row.storeResults ||
    row.timeoutSeconds !== '30';
  return (
    <div className="space-y-4">
      <input type="hidden" name="row" value={key} />
      <input type="hidden" name={`${key}.tool`} value={row.tool} />
      <div className="max-w-md">
        <TextField
          label="Name"
          name={`${key}.name`}
          defaultValue={row.name}
          autoComplete="off"
          problem={at('name') ?? at('tool')}
        />
      </div>
      <ArgumentsEditor of={row} schema={schema} label={row.tool} problems={errors} />
      <details open={changed || judged.some((field) => at(field) !== undefined)}>
        <summary className="flex w-fit gap-1 font-medium hover:underline">
          <DisclosureIcon /> Limits and assertions
        </summary>
        <div className="mt-3 grid gap-4 sm:grid-cols-2">
          <TextField
            label="Time limit, seconds"
            name={`${key}.timeoutSeconds`}
            inputMode="numeric"
            defaultValue={row.timeoutSeconds}
            hint="1 to 120, and below the interval."
            problem={at('timeoutSeconds')}
          />
          <TextField
            label="Degraded above, milliseconds (optional)"
            name={`${key}.degradedAboveMs`}
            inputMode="numeric"
            defaultValue={row.degradedAboveMs}
            hint="A check that passes but takes longer is degraded."
            problem={at('degradedAboveMs')}
          />
          <div className="sm:col-span-2">
            <TextArea
              label="Assertions on the result (optional)"
              name={`${key}.assertions`}
              rows={3}
              className="font-mono text-xs"
              defaultValue={row.assertions}
              problem={assertionProblem(errors, `${key}.assertions`)}
              hint={
                <>
                  One a line, such as{' '}
                  <code className="[overflow-wrap:anywhere]">{`${writeToolName(row.tool)} result contains "text"`}</code>
                  . A check that passes but does not meet one is degraded.
                </>
              }
            />
          </div>
          <div className="sm:col-span-2">
            <label className="flex items-center gap-2">
              <input
                type="checkbox"
                name={`${key}.ignoreOutputSchema`}
                defaultChecked={!row.checkOutputSchema}
                aria-describedby={`${key}.ignoreOutputSchema-hint`}
              />{' '}
              Don't check results against the output schema
            </label>
            <p id={`${key}.ignoreOutputSchema-hint`} className="mt-1 text-xs text-muted">
              If the tool has an output schema, a result that breaks it is degraded: many clients refuse such a result.
            </p>
          </div>
          <label className="flex items-center gap-2">
            <input type="checkbox" name={`${key}.discardResults`} defaultChecked={!row.storeResults} /> Don't store
            results
          </label>
        </div>
      </details>
    </div>
  );
}

/** Adds the line number to the message. */
function assertionProblem(errors: readonly FieldError[], field: string): string | undefined {
  const [first] = problemsAt(errors, field);
  if (!first) return undefined;
  const line = /^\[(\d+)\]/.exec(first.field.slice(field.length))?.[1];
  return line === undefined ? first.message : `Line ${Number(line) + 1}: ${first.message}`;
}

export function IntervalField({
  seconds,
  onChange,
  problem,
}: {
  seconds: number;
  onChange?: (seconds: number) => void;
  problem: string | undefined;
}) {
  return (
    <SelectField
      label="Check"
      name="intervalSeconds"
      defaultValue={String(seconds)}
      onChange={(event) => onChange?.(Number(event.target.value))}
      problem={problem}
    >
      {[60, 300, 900, 3600].map((each) => (
        <option key={each} value={each}>
          {intervalLabels(each)}
        </option>
      ))}
    </SelectField>
  );
}

export function ProfileField({
  profiles,
  value,
  problem,
  hint,
}: {
  profiles: { id: string; name: string; isDefault: boolean }[];
  value: string;
  problem: string | undefined;
  hint?: ReactNode;
}) {
  return (
    <SelectField label="Auth profile" name="authProfileId" defaultValue={value} problem={problem} hint={hint}>
      {profiles.map(({ id, name, isDefault }) => (
        <option key={id} value={id}>
          {name}
          {isDefault && !/default/i.test(name) ? ' (default)' : ''}
        </option>
      ))}
    </SelectField>
  );
}
