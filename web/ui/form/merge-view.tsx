import { type MergeRow, mergeRows } from './merge.ts';

const looks = {
  me: 'Changed by you',
  them: 'Changed by them',
  both: 'Changed by both: choose one',
} as const;

/**
 * Two people changed the same thing. What only one of them changed is taken as it is; for what both changed, the form
 * gets `choice.<field>` = `mine` or `theirs`. Put it into the form, with "Save merged version".
 * @param props.rows texts of each field: of the version that I began from, mine, and the saved one
 * @param props.theirs what theirs is called: "Version 4 by Ada Lovelace"
 */
export function MergeView({ rows, theirs }: { rows: MergeRow[]; theirs: string }) {
  const merged = mergeRows(rows);
  if (merged.length === 0) return <p className="text-sm text-muted">Both versions are the same.</p>;
  return (
    <div className="space-y-4">
      {merged.map(({ field, label, changedBy, ...values }) => (
        <fieldset key={field} className="min-w-0 rounded-md border border-line bg-surface p-3">
          <legend className="px-1 text-sm font-medium">
            {label} <span className="font-normal text-muted">· {looks[changedBy]}</span>
          </legend>
          {changedBy === 'both' ? (
            <div className="grid gap-3 md:grid-cols-2">
              <Side name={`choice.${field}`} value="mine" title="Yours" text={values.mine} />
              <Side name={`choice.${field}`} value="theirs" title={theirs} text={values.theirs} />
            </div>
          ) : (
            <div className="grid gap-3 md:grid-cols-2">
              <Text title="Before" text={values.base} />
              <Text
                title={changedBy === 'me' ? 'Yours' : theirs}
                text={changedBy === 'me' ? values.mine : values.theirs}
              />
            </div>
          )}
        </fieldset>
      ))}
    </div>
  );
}

function Side({ name, value, title, text }: { name: string; value: string; title: string; text: string }) {
  return (
    <label className="block min-w-0 cursor-pointer rounded-md border border-line p-3 has-checked:border-accent has-checked:bg-accent-soft">
      <span className="flex min-h-6 items-center gap-2 text-xs text-muted">
        <input type="radio" name={name} value={value} required className="size-4" /> {title}
      </span>
      <Value text={text} />
    </label>
  );
}

function Text({ title, text }: { title: string; text: string }) {
  return (
    <div className="min-w-0 p-1">
      <p className="text-xs text-muted">{title}</p>
      <Value text={text} />
    </div>
  );
}

function Value({ text }: { text: string }) {
  return (
    <span className="mt-1 block font-mono text-code whitespace-pre-wrap [overflow-wrap:anywhere]">
      {text || '(empty)'}
    </span>
  );
}
