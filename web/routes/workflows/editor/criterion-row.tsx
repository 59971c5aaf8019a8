import { Trash2 } from 'lucide-react';
import { memo, useEffect, useId, useRef, useState } from 'react';
import type { CheckedCriterion } from '../../../../services/workflow/editing/check-draft.ts';
import { CodeText } from '../../../ui/base/code-text.tsx';
import { StateLabel, StatusChip } from '../../../ui/base/status-chip.tsx';
import { inputClass } from '../../../ui/form/field.tsx';
import { toPageText } from '../../../ui/page/page-text.ts';
import { type Complete, useCompletion } from './completion.tsx';
import { setValue } from './set-value.ts';
import { type CheckedTexts, useCheckedText } from './use-check.ts';
import type { EditorValues } from './values.ts';

export type Line = EditorValues['criteria'][number] & { key: number };

/** One criterion. It is rendered again when its own text or what was found of it changes. */
export const CriterionRow = memo(function CriterionRow({
  line,
  position,
  problem,
  texts,
  complete,
  calls,
  isFocused,
}: {
  line: Line;
  position: number;
  problem: string | undefined;
  texts: CheckedTexts;
  complete: Complete;
  calls: { addAfter(key: number, added: string[]): void; remove(key: number): void };
  isFocused: boolean;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(line.text);
  const [corrected, setCorrected] = useState<string | undefined>(undefined);
  const completion = useCompletion(input, complete);
  const checked = useCheckedText(texts, text);
  const name = `Criterion ${position + 1}`;
  const shown = problem !== corrected ? problem : undefined;
  useEffect(() => {
    if (isFocused) input.current?.focus();
  }, [isFocused]);
  return (
    <li className="rounded-md border border-line p-2 has-aria-invalid:border-fail">
      <input type="hidden" name="criterion.id" value={line.id} />
      <div className="flex flex-wrap items-center gap-2">
        <input
          ref={input}
          name="criterion.text"
          aria-label={name}
          aria-describedby={`${id}-note`}
          {...(shown ? { 'aria-invalid': true, 'data-problem': shown } : {})}
          defaultValue={line.text}
          placeholder="calls `create_order` exactly once"
          maxLength={2000}
          className={`${inputClass} min-w-0 flex-1 basis-56 font-mono md:text-code`}
          {...completion.wired}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setCorrected(problem);
            completion.wired.onInput();
          }}
          onKeyDown={(event) => {
            completion.wired.onKeyDown(event);
            if (event.key !== 'Enter' || event.defaultPrevented) return;
            // Enter would send the form.
            event.preventDefault();
            calls.addAfter(line.key, ['']);
          }}
          onPaste={(event) => {
            const [first, ...rest] = event.clipboardData
              .getData('text')
              .split(/\r?\n/)
              .map((each) => each.trim())
              .filter(Boolean);
            if (first === undefined || rest.length === 0) return;
            event.preventDefault();
            setValue(event.currentTarget, event.currentTarget.value + first);
            calls.addAfter(line.key, rest);
          }}
        />
        <select
          name="criterion.required"
          aria-label={`Whether criterion ${position + 1} is required`}
          defaultValue={line.isRequired ? 'required' : 'optional'}
          className={`${inputClass} w-auto!`}
        >
          <option value="required">Required</option>
          <option value="optional">Optional</option>
        </select>
        <button
          type="button"
          aria-label={`Remove criterion ${position + 1}`}
          title={`Remove criterion ${position + 1}`}
          className="with-scripts grid size-11 cursor-pointer place-items-center rounded-md text-muted hover:bg-sunken hover:text-fail md:size-8"
          onClick={() => calls.remove(line.key)}
        >
          <Trash2 aria-hidden="true" className="size-4" />
        </button>
      </div>
      {completion.list}
      <div id={`${id}-note`} className="mt-1 px-1 text-xs">
        {shown ? <p className="text-fail text-sm">{shown}</p> : null}
        {checked ? (
          <Note checked={checked} text={text} onUse={(next) => input.current && setValue(input.current, next)} />
        ) : null}
      </div>
    </li>
  );
});

/** How a line is graded, what is wrong with it, and how the last run fares by it. */
function Note({ checked, text, onUse }: { checked: CheckedCriterion; text: string; onUse: (text: string) => void }) {
  const { gradedBy, hint, suggestion, isUnreadable, unknownTools, lastRun } = checked;
  if (gradedBy === null) return null;
  return (
    <div className="space-y-1">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-muted">
        <StateLabel>{gradedBy === 'assertion' ? 'Assertion' : 'For the judge'}</StateLabel>
        {lastRun ? (
          <>
            <span>Last run:</span>
            <StatusChip status={lastRun.verdict} />
            <span className="min-w-0">
              <CodeText text={toPageText(lastRun.rationale)} />
            </span>
          </>
        ) : gradedBy === 'assertion' ? (
          <span>Graded by code, exactly and for free.</span>
        ) : isUnreadable || hint ? null : (
          <span>Graded by the judge model, from the trace.</span>
        )}
      </p>
      {hint ? (
        <p className="text-partial">
          Not an assertion: {hint.position > 0 ? <>after “{text.trim().slice(0, hint.position)}”, </> : null}
          {hint.expected} was expected.
        </p>
      ) : null}
      {isUnreadable ? (
        <p className="text-partial">
          The built-in judge can't read this. Write an assertion, or choose another judge model.
        </p>
      ) : null}
      {suggestion === null ? null : <Use label="Did you mean" text={suggestion} onUse={() => onUse(suggestion)} />}
      {unknownTools.map(({ name, nearest }) => (
        <div key={name}>
          <p className="text-fail">
            The server has no active tool <UnknownName name={name} />.
          </p>
          {nearest === null ? null : (
            <Use label="Did you mean" text={`\`${nearest}\``} onUse={() => onUse(replaceTool(text, name, nearest))} />
          )}
        </div>
      ))}
    </div>
  );
}

export const replaceTool = (text: string, from: string, to: string): string => text.split(from).join(to);

export function UnknownName({ name }: { name: string }) {
  return (
    <code className="font-mono underline decoration-wavy decoration-fail underline-offset-4 [overflow-wrap:anywhere]">
      {name}
    </code>
  );
}

/** "Did you mean … · Use it". */
export function Use({ label, text, onUse }: { label: string; text: string; onUse: () => void }) {
  return (
    <p className="flex flex-wrap items-center gap-x-2 text-ink">
      <span>
        {label} <CodeText text={text} />?
      </span>
      <button
        type="button"
        onClick={onUse}
        className="with-scripts min-h-11 cursor-pointer text-accent underline md:min-h-6"
      >
        Use it
      </button>
    </p>
  );
}
