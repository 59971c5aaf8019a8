import type { CriterionChange, FieldDiff } from '../../../../domain/workflow/definition-diff.ts';
import { CodeText } from '../../../ui/base/code-text.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { DiffView } from '../../../ui/data/diff-view.tsx';
import { fieldName, valueText } from './labels.ts';

const words = { added: 'Added', removed: 'Removed', edited: 'Changed', reordered: 'The order changed' } as const;

/** The differences between two definitions, field by field. */
export function DefinitionDiff({ diff }: { diff: FieldDiff[] }) {
  if (diff.length === 0) return <p className="text-muted">No differences.</p>;
  return (
    <div className="space-y-4">
      {diff.map((each) => (
        <section key={each.field}>
          <h3 className="mb-1 font-medium">{fieldName(each.field)}</h3>
          <Difference of={each} />
        </section>
      ))}
    </div>
  );
}

function Difference({ of }: { of: FieldDiff }) {
  switch (of.kind) {
    case 'text':
      return <DiffView label={fieldName(of.field)} lines={of.lines} />;
    case 'list':
      return (
        <DiffView
          label={fieldName(of.field)}
          lines={[
            ...of.removed.map((text) => ({ op: 'removed' as const, text })),
            ...of.after.map((text) => ({ op: of.added.includes(text) ? ('added' as const) : ('same' as const), text })),
          ]}
        />
      );
    case 'criteria':
      return (
        <ul className="space-y-1">
          {of.criteria.map((line) => (
            <li key={JSON.stringify(line)}>
              <StateLabel>{words[line.change]}</StateLabel> <Criterion of={line} />
            </li>
          ))}
        </ul>
      );
    case 'value':
      return (
        <p className="[overflow-wrap:anywhere]">
          {of.before === null && of.field !== 'schedule' && of.field !== 'authProfileId' ? null : (
            <>
              <del className="text-muted">{valueText(of.field, of.before)}</del> →{' '}
            </>
          )}
          {valueText(of.field, of.after) || '(none)'}
        </p>
      );
  }
}

function Criterion({ of }: { of: CriterionChange }) {
  return (
    <>
      {'before' in of ? (
        <del className="text-muted">
          <CodeText text={valueText('criteria', [of.before])} />
        </del>
      ) : null}{' '}
      {'after' in of ? <CodeText text={valueText('criteria', [of.after])} /> : null}
    </>
  );
}
