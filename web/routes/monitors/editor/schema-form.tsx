import { Braces, TextCursorInput } from 'lucide-react';
import { type MouseEvent, useMemo, useState } from 'react';
import { type FieldError, fieldPath } from '../../../../domain/error/error.ts';
import { toFields } from '../../../../domain/schema/form.ts';
import type { Field } from '../../../../domain/schema/form-field.ts';
import { Button } from '../../../ui/base/button.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { inputClass, SelectField, TextArea, TextField, Field as Wired } from '../../../ui/form/field.tsx';
import { type ArgumentValues, entryName, parseRows, problemAt, problemsAt, switched } from './values.ts';

/**
 * A tool's arguments: one control per property of its input schema, or JSON of the same data. With JavaScript this
 * component switches between them, otherwise the page's action does (`intent` is `switch:<key>`).
 * @param problems whose fields begin with `<key>.arguments`; a list of another identity is newer
 */
export function ArgumentsEditor({
  of,
  schema,
  label,
  problems,
}: {
  of: ArgumentValues & { key: string };
  schema: unknown;
  /** Names the arguments for screen readers. */
  label: string;
  problems: readonly FieldError[];
}) {
  const { fields, complete } = useMemo(() => toFields(schema), [schema]);
  const [own, setOwn] = useState<{ values: ArgumentValues; errors: FieldError[] | null }>({ values: of, errors: null });
  // Errors of rewritten arguments are outdated until new ones arrive.
  const [seen, setSeen] = useState(problems);
  if (problems !== seen) {
    setSeen(problems);
    setOwn({ ...own, errors: null });
  }
  const base = `${of.key}.arguments`;
  const errors = own.errors?.map(({ field, message }) => ({ field: `${of.key}.${field}`, message })) ?? problems;
  const { mode, json, entries } = own.values;
  const asForm = mode === 'form' && fields.length > 0;
  const placed = new Set(
    asForm ? fields.flatMap(({ path }) => problemsAt(errors, fieldPath([of.key, 'arguments', ...path]))) : [],
  );
  const others = problemsAt(errors, base).filter((error) => !placed.has(error));

  function turn(event: MouseEvent<HTMLButtonElement>) {
    const { form } = event.currentTarget;
    if (!form) return;
    event.preventDefault();
    const values: { [name: string]: string[] } = {};
    for (const [name, value] of new FormData(form)) if (typeof value === 'string') values[name] = [value];
    const [now] = parseRows({ ...values, row: [of.key] });
    if (!now) return;
    const answer = switched<ArgumentValues>({ mode: now.mode, json: now.json, entries: now.entries }, fields);
    setOwn(answer);
  }

  return (
    <fieldset className="min-w-0">
      <legend className="sr-only">Arguments of {label}</legend>
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <p aria-hidden="true" className="font-medium">
          Arguments
        </p>
        {fields.length > 0 ? (
          <Button variant="quiet" name="intent" value={`switch:${of.key}`} onClick={turn} formNoValidate>
            {asForm ? (
              <>
                <Braces aria-hidden="true" className="size-4" /> Write as JSON
              </>
            ) : (
              <>
                <TextCursorInput aria-hidden="true" className="size-4" /> Use the form
              </>
            )}
          </Button>
        ) : null}
      </div>
      <input type="hidden" name={`${of.key}.mode`} value={asForm ? 'form' : 'json'} />
      {others.length > 0 && asForm ? (
        <div className="mb-3">
          <Notice tone="bad">
            {others.map(({ field, message }) => (
              <p key={`${field} ${message}`}>{message}</p>
            ))}
          </Notice>
        </div>
      ) : null}
      {asForm ? (
        <>
          <Controls fields={fields} entries={entries} of={of.key} errors={errors} />
          {complete ? null : (
            <p className="mt-3 text-muted">The schema allows more than this form shows. Use JSON for the rest.</p>
          )}
        </>
      ) : (
        <JsonField
          name={`${of.key}.json`}
          label={label}
          value={json || '{}'}
          problems={others.map(({ field, message }) => told(field, base, message))}
          none={fields.length === 0 && complete}
        />
      )}
    </fieldset>
  );
}

/** In JSON mode no control shows the error, so the message names the path. */
const told = (field: string, base: string, message: string) =>
  field === base ? message : `${field.slice(base.length).replace(/^\./, '')}: ${message}`;

function JsonField({
  name,
  label,
  value,
  problems,
  none,
}: {
  name: string;
  label: string;
  value: string;
  problems: string[];
  /** The tool takes no arguments. */
  none: boolean;
}) {
  return (
    <Wired
      label={
        <>
          <span className="sr-only">Arguments of {label} as </span>JSON
        </>
      }
      problem={problems.length > 0 ? problems.join(' ') : undefined}
      hint={none ? 'This tool takes no arguments.' : undefined}
      control={(wired) => (
        <textarea
          {...wired}
          name={name}
          rows={Math.min(16, Math.max(none ? 2 : 4, value.split('\n').length + 1))}
          spellCheck={false}
          defaultValue={value}
          className={`${inputClass} font-mono text-xs`}
        />
      )}
    />
  );
}

function Controls({
  fields,
  entries,
  of,
  errors,
}: {
  fields: readonly Field[];
  entries: { [name: string]: string };
  of: string;
  errors: readonly FieldError[];
}) {
  const control = (field: Field) => (
    <Control
      key={field.name}
      field={field}
      name={entryName(of, field.name)}
      entry={entries[field.name] ?? ''}
      problem={problemAt(errors, fieldPath([of, 'arguments', ...field.path]))}
    />
  );
  const groups = [...new Set(fields.map(({ group }) => group?.name ?? null))];
  return (
    <div className="space-y-4">
      {groups.map((name) => {
        const inside = fields.filter(({ group }) => (group?.name ?? null) === name);
        const group = inside[0]?.group;
        if (!group)
          return (
            <div key="" className="grid gap-4 sm:grid-cols-2">
              {inside.map(control)}
            </div>
          );
        return (
          <fieldset key={group.name} className="min-w-0 rounded-md border border-line p-3">
            <legend className="px-1 font-medium">
              {group.label}
              {group.required ? '' : ' (optional)'}
            </legend>
            {group.description ? <p className="mb-3 text-muted">{group.description}</p> : null}
            <div className="grid gap-4 sm:grid-cols-2">{inside.map(control)}</div>
          </fieldset>
        );
      })}
    </div>
  );
}

function Control({
  field,
  name,
  entry,
  problem,
}: {
  field: Field;
  name: string;
  entry: string;
  problem: string | undefined;
}) {
  const label = (
    <span>
      {field.label}
      {field.required ? '' : <span className="font-normal text-muted"> (optional)</span>}
    </span>
  );
  const hint = [sentence(field.description), bounds(field), field.default ? `Left out: ${field.default}.` : '']
    .filter((part) => part !== '')
    .join(' ');
  const common = {
    label,
    name,
    problem,
    ...(hint && { hint }),
    defaultValue: entry,
    placeholder: field.placeholder,
  };
  switch (field.kind) {
    case 'boolean':
    case 'select': {
      const options = field.options ?? [
        { value: 'true', label: 'true' },
        { value: 'false', label: 'false' },
      ];
      return (
        <SelectField label={label} name={name} problem={problem} hint={common.hint} defaultValue={entry}>
          <option value="">{field.required ? 'Choose …' : 'Leave out'}</option>
          {options.map(({ value, label: text }) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </SelectField>
      );
    }
    case 'json':
      return <TextArea {...common} rows={3} spellCheck={false} className="font-mono text-xs" />;
    case 'integer':
    case 'number':
      // Not type="number": it sends nothing for text it can't parse, as if the argument were left out.
      return <TextField {...common} inputMode={field.kind === 'integer' ? 'numeric' : 'decimal'} autoComplete="off" />;
    case 'text':
      // An input would drop the line breaks of longer text.
      return entry.includes('\n') || (field.maxLength ?? 0) > 1000 ? (
        <TextArea {...common} rows={4} />
      ) : (
        <TextField {...common} type={field.format === 'date' ? 'date' : 'text'} autoComplete="off" />
      );
  }
}

const sentence = (text: string) => (text === '' || /[.!?…)]$/.test(text) ? text : `${text}.`);

/** Generators write the limits of a number type where the schema has none. */
const real = (bound: number | undefined) =>
  bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : undefined;

function bounds({ kind, min, max, minLength, maxLength }: Field): string {
  const isText = kind === 'text';
  const [low, high] = isText ? [minLength, maxLength] : [real(min), real(max)];
  const what = isText ? ' characters' : '';
  // A text's maximum length is rarely useful, and neither is a minimum of one character.
  if (isText && (low ?? 0) <= 1) return '';
  if (low !== undefined && high !== undefined) return `${low} to ${high}${what}.`;
  if (low !== undefined) return `At least ${low}${what}.`;
  return high === undefined ? '' : `At most ${high}${what}.`;
}
