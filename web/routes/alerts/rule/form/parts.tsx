import { type ReactNode, useId } from 'react';
import { fieldProblem, type Problem } from '../../../../shell/problem.ts';
import type { Fields } from '../fields.ts';

/** Class of what doesn't apply to the choices. Without JavaScript everything is shown. */
export const unlessShown = (isShown: boolean): string => (isShown ? '' : 'hidden noscript:block');

export type PartProps = { start: Fields; problem: Problem | undefined };

/** A section of the form, with what it decides as its heading. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="flex flex-col gap-4 border-line border-t pt-6">
      <h2 id={id} className="text-base font-semibold">
        {title}
      </h2>
      {children}
    </section>
  );
}

export function Tick({ name, on, text, hint }: { name: string; on: Fields; text: string; hint?: string }) {
  return (
    <label className="flex min-h-11 items-start gap-2 md:min-h-6">
      <input type="checkbox" name={name} defaultChecked={on.has(name)} className="mt-1" />
      <span>
        {text}
        {hint ? <span className="block text-xs text-muted">{hint}</span> : null}
      </span>
    </label>
  );
}

/** A number within a sentence. Its problem is shown by `AmountProblems`, below the sentence. */
export function Amount({
  name,
  label,
  most = 100,
  field,
  start,
  problem,
}: PartProps & { name: string; label: string; most?: number; field: string | null }) {
  const wrong = field === null ? undefined : fieldProblem(problem, field);
  return (
    <input
      type="number"
      name={name}
      aria-label={label}
      {...(wrong && { 'aria-invalid': true, 'data-problem': wrong })}
      min={1}
      max={most}
      defaultValue={start.get(name)}
      className="min-h-11 w-20 rounded-md border border-field bg-surface px-2 py-1 text-right tabular-nums aria-[invalid=true]:border-fail md:min-h-8"
    />
  );
}

export function AmountProblems({ fields, problem }: { fields: string[]; problem: Problem | undefined }) {
  return fields.map((field) => {
    const wrong = fieldProblem(problem, field);
    return wrong ? (
      <p key={field} className="text-fail">
        {wrong}
      </p>
    ) : null;
  });
}
