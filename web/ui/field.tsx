import { type ComponentProps, type ReactNode, useId } from 'react';

export const inputClass =
  'block w-full min-h-9 rounded-md border border-field bg-surface px-3 py-1.5 text-sm text-ink placeholder:text-muted aria-[invalid=true]:border-fail';

type FieldProps = { label: ReactNode; hint?: ReactNode; problem?: string | undefined };

/** Label, control, hint and error, connected for screen readers. */
export function Field({
  label,
  hint,
  problem,
  control,
}: FieldProps & { control: (wired: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true }) => ReactNode }) {
  const id = useId();
  const notes = [...(problem ? [`${id}-problem`] : []), ...(hint ? [`${id}-hint`] : [])].join(' ');
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-medium">
        {label}
      </label>
      {control({ id, ...(notes ? { 'aria-describedby': notes } : {}), ...(problem ? { 'aria-invalid': true } : {}) })}
      {problem ? (
        <p id={`${id}-problem`} className="mt-1 text-fail">
          {problem}
        </p>
      ) : null}
      {hint ? (
        <p id={`${id}-hint`} className="mt-1 text-muted">
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
      control={(wired) => <input {...wired} {...rest} className={`${inputClass} ${className}`} />}
    />
  );
}

export function TextArea({ label, hint, problem, className = '', ...rest }: FieldProps & ComponentProps<'textarea'>) {
  return (
    <Field
      label={label}
      hint={hint}
      problem={problem}
      control={(wired) => <textarea {...wired} {...rest} className={`${inputClass} ${className}`} />}
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
        <select {...wired} {...rest} className={inputClass}>
          {children}
        </select>
      )}
    />
  );
}
