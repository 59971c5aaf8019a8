import { useMemo, useRef } from 'react';
import type { CheckedDraft } from '../../../../services/workflow/editing/check-draft.ts';
import { Field, inputClass } from '../../../ui/form/field.tsx';
import { completePrompt, type Known } from './complete.ts';
import { useCompletion } from './completion.tsx';
import { replaceTool, UnknownName, Use } from './criterion-row.tsx';
import { setValue } from './set-value.ts';

/** The agent's task, with tools and values of results completed, and what is wrong with its steps. */
export function PromptField({
  prompt,
  problem,
  known,
  unknownTools,
  warnings,
}: Pick<CheckedDraft, 'unknownTools' | 'warnings'> & {
  prompt: string;
  problem: string | undefined;
  known: Known;
}) {
  const field = useRef<HTMLTextAreaElement>(null);
  const complete = useMemo(() => completePrompt(known), [known]);
  const completion = useCompletion(field, complete);
  return (
    <div>
      <Field
        label="Prompt"
        problem={problem}
        hint={
          <>
            The agent's task. <code>{'{{run.id}}'}</code> and <code>{'{{run.short_id}}'}</code> are replaced by this
            run's id. The built-in scripted tester carries out lines such as{' '}
            <code>{'call search_products {"query": "mug"}'}</code>, with <code>$1.path</code> for a value of the first
            result.
          </>
        }
        control={(wired) => (
          <>
            <textarea
              {...wired}
              ref={field}
              name="prompt"
              rows={10}
              required
              defaultValue={prompt}
              className={`${inputClass} font-mono md:text-code`}
              {...completion.wired}
            />
            {completion.list}
          </>
        )}
      />
      <div className="mt-2 space-y-1 text-xs empty:hidden" aria-live="polite">
        {unknownTools.map(({ name, nearest }) => (
          <div key={name}>
            <p className="text-fail">
              A step calls <UnknownName name={name} />, which the server has no active tool for.
            </p>
            {nearest === null ? null : (
              <Use
                label="Did you mean"
                text={`\`${nearest}\``}
                onUse={() => field.current && setValue(field.current, replaceTool(field.current.value, name, nearest))}
              />
            )}
          </div>
        ))}
        <Warnings warnings={warnings} />
      </div>
    </div>
  );
}

export function Warnings({ warnings }: Pick<CheckedDraft, 'warnings'>) {
  return warnings.map(({ code, message }) => (
    <p key={`${code} ${message}`} className="text-partial">
      {message}
    </p>
  ));
}
