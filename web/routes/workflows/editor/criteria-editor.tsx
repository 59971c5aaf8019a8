import { Plus, Trash2 } from 'lucide-react';
import { useRef, useState } from 'react';
import { describeCriterion } from '../../../../domain/assertion/criterion.ts';
import { Badge } from '../../../ui/base/badge.tsx';
import { Button } from '../../../ui/base/button.tsx';
import { inputClass } from '../../../ui/form/field.tsx';
import { useHydrated } from '../../../ui/hooks/use-hydrated.ts';
import type { EditorValues } from './values.ts';

type Line = EditorValues['criteria'][number] & { key: number };

const blank = { id: '', text: '', isRequired: true };
/** Number of empty lines, since lines can't be added without JavaScript. */
const spare = 5;

/** One criterion per line, marked with how it is graded. Pasted lines become separate criteria. */
export function CriteriaEditor({
  criteria,
  problems,
}: {
  criteria: EditorValues['criteria'];
  problems: Map<number, string>;
}) {
  const hydrated = useHydrated();
  const nextKey = useRef(0);
  const keyed = (line: EditorValues['criteria'][number]): Line => ({ ...line, key: nextKey.current++ });
  const [lines, setLines] = useState<Line[]>(() => (criteria.length > 0 ? criteria : [blank]).map(keyed));
  const shown = hydrated
    ? lines
    : [...lines, ...Array.from({ length: spare }, (_, index) => ({ ...blank, key: -1 - index }))];
  const change = (key: number, part: Partial<Line>) =>
    setLines((all) => all.map((line) => (line.key === key ? { ...line, ...part } : line)));
  const split = (key: number, texts: string[]) =>
    setLines((all) =>
      all.flatMap((line) =>
        line.key === key
          ? texts.map((text, index) => (index === 0 ? { ...line, text } : keyed({ ...blank, text })))
          : [line],
      ),
    );

  return (
    <div className="space-y-3">
      <ol className="space-y-3">
        {shown.map((line, index) => (
          <li key={line.key} className="rounded-md border border-line p-3">
            <input type="hidden" name="criterion.id" value={line.id} />
            <div className="flex flex-wrap items-center gap-2">
              <input
                name="criterion.text"
                aria-label={`Criterion ${index + 1}`}
                aria-invalid={problems.has(index) || undefined}
                value={line.key < 0 ? undefined : line.text}
                onChange={(event) => change(line.key, { text: event.target.value })}
                onPaste={(event) => {
                  const texts = event.clipboardData
                    .getData('text')
                    .split(/\r?\n/)
                    .map((text) => text.trim())
                    .filter(Boolean);
                  if (texts.length < 2) return;
                  event.preventDefault();
                  split(line.key, line.text ? [line.text, ...texts] : texts);
                }}
                placeholder="calls `create_order` exactly once"
                className={`${inputClass} min-w-56 flex-1`}
              />
              <select
                name="criterion.required"
                aria-label={`Whether criterion ${index + 1} is required`}
                defaultValue={line.isRequired ? 'required' : 'optional'}
                className={`${inputClass} w-auto!`}
              >
                <option value="required">Required</option>
                <option value="optional">Optional</option>
              </select>
              <button
                type="button"
                aria-label={`Remove criterion ${index + 1}`}
                className="with-scripts grid size-9 cursor-pointer place-items-center rounded-md text-muted hover:bg-sunken hover:text-fail"
                onClick={() => setLines((all) => all.filter(({ key }) => key !== line.key))}
              >
                <Trash2 aria-hidden="true" className="size-4" />
              </button>
            </div>
            <Grading text={line.text} />
            {problems.has(index) ? <p className="mt-1 text-fail">{problems.get(index)}</p> : null}
          </li>
        ))}
      </ol>
      <Button type="button" className="with-scripts" onClick={() => setLines((all) => [...all, keyed(blank)])}>
        <Plus aria-hidden="true" className="size-4" /> Add a criterion
      </Button>
    </div>
  );
}

function Grading({ text }: { text: string }) {
  if (text.trim() === '') return null;
  const grading = describeCriterion(text.trim());
  if (grading.by === 'assertion')
    return (
      <p className="mt-2 text-muted">
        <Badge tone="pass">Assertion</Badge> Graded by code, exactly and for free.
      </p>
    );
  return (
    <p className="mt-2 text-muted">
      <Badge tone="info">For the judge</Badge>{' '}
      {grading.hint
        ? `Not an assertion: after “${text.trim().slice(0, grading.hint.position)}” ${grading.hint.expected} was expected.`
        : 'Graded by the judge model, from the trace.'}
    </p>
  );
}
