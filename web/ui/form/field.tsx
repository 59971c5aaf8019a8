import { type ComponentProps, type ReactNode, useId, useState } from 'react';
import { useActionData } from '../../shell/action-data.ts';

export const inputClass =
  'block w-full min-h-11 rounded-md border border-field bg-surface px-3 py-1 text-base text-ink placeholder:text-muted aria-[invalid=true]:border-fail md:min-h-8 md:text-sm';

type FieldProps = { label: ReactNode; hint?: ReactNode; problem?: string | undefined };
type Wired = { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true; 'data-problem'?: string };

/**
 * Label, control, hint and error, connected for screen readers. The error goes as soon as the person types.
 * `TextField`, `TextArea` and `SelectField` are fields with their control; this one is for others.
 * @param props.problem what is wrong, from `fieldProblem` (web/shell/problem.ts). `ErrorSummary` links to it
 */
export function Field({ label, hint, problem, control }: FieldProps & { control: (wired: Wired) => ReactNode }) {
  const id = useId();
  // An answer is a new object each time, so the same message appears again after the next try.
  const answer: unknown = useActionData() ?? problem;
  const [corrected, setCorrected] = useState<unknown>(null);
  const shown = problem !== undefined && corrected !== answer ? problem : undefined;
  const notes = [...(shown ? [`${id}-problem`] : []), ...(hint ? [`${id}-hint`] : [])].join(' ');
  return (
    <div onInput={() => (shown ? setCorrected(answer) : undefined)}>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      {control({
        id,
        ...(notes ? { 'aria-describedby': notes } : {}),
        ...(shown ? { 'aria-invalid': true, 'data-problem': shown } : {}),
      })}
      {shown ? (
        <p id={`${id}-problem`} className="mt-1 text-sm text-fail">
          {shown}
        </p>
      ) : null}
      {hint ? (
        <p id={`${id}-hint`} className="mt-1 text-xs text-muted">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

export function TextField({ label, hint, problem, className = '', ...rest }: FieldProps & ComponentProps<'input'>) {
  return (
    <Field
      label={label}
      hint={hint}
      problem={problem}
      control={(wired) => <input {...rest} {...wired} className={`${inputClass} ${className}`} />}
    />
  );
}

export function TextArea({ label, hint, problem, className = '', ...rest }: FieldProps & ComponentProps<'textarea'>) {
  return (
    <Field
      label={label}
      hint={hint}
      problem={problem}
      control={(wired) => <textarea {...rest} {...wired} className={`${inputClass} ${className}`} />}
    />
  );
}

export function SelectField({ label, hint, problem, children, ...rest }: FieldProps & ComponentProps<'select'>) {
  return (
    <Field
      label={label}
      hint={hint}
      problem={problem}
      control={(wired) => (
        <select {...rest} {...wired} className={inputClass}>
          {children}
        </select>
      )}
    />
  );
}
