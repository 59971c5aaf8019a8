import { ChevronRight } from 'lucide-react';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { Link, type LinkProps } from 'react-router';

const looks = {
  primary: 'bg-accent text-accent-ink border-accent hover:opacity-90',
  plain: 'bg-surface text-ink border-field/60 hover:bg-sunken',
  danger: 'bg-surface text-fail border-fail/60 hover:bg-fail-soft',
  quiet: 'border-transparent text-muted hover:text-ink hover:bg-sunken',
} as const;
type Look = keyof typeof looks;

const buttonClass = (look: Look) =>
  `inline-flex min-h-9 items-center justify-center gap-2 rounded-md border px-3 py-1.5 text-sm font-medium no-underline transition-colors disabled:cursor-not-allowed disabled:opacity-60 ${looks[look]}`;

export function Button({ look = 'plain', className = '', ...rest }: ComponentProps<'button'> & { look?: Look }) {
  return <button type="submit" {...rest} className={`${buttonClass(look)} cursor-pointer ${className}`} />;
}

export function LinkButton({ look = 'plain', className = '', ...rest }: LinkProps & { look?: Look }) {
  return <Link {...rest} className={`${buttonClass(look)} ${className}`} />;
}

export function TextLink({ className = '', ...rest }: LinkProps) {
  return (
    <Link {...rest} className={`text-accent underline decoration-accent/40 hover:decoration-accent ${className}`} />
  );
}

export function Card({
  title,
  aside,
  children,
  flush = false,
  id,
}: {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  /** Without padding around the content: for tables and lists. */
  flush?: boolean;
  id?: string;
}) {
  return (
    <section id={id} className="rounded-lg border border-line bg-surface">
      {title ? (
        <header className="flex flex-wrap items-center justify-between gap-3 border-b border-line px-4 py-3">
          <h2 className="text-sm font-semibold">{title}</h2>
          {aside}
        </header>
      ) : null}
      <div className={flush ? '' : 'p-4'}>{children}</div>
    </section>
  );
}

export function PageHeader({
  title,
  note,
  actions,
  trail,
}: {
  title: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  trail?: { to: string; text: string }[];
}) {
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-4">
      <div className="min-w-0">
        {trail ? (
          <nav aria-label="Breadcrumb" className="mb-1 text-muted">
            {trail.map(({ to, text }, index) => (
              <span key={to}>
                {index > 0 ? <span aria-hidden="true"> / </span> : null}
                <Link to={to} relative="path" className="hover:text-ink hover:underline">
                  {text}
                </Link>
              </span>
            ))}
          </nav>
        ) : null}
        <h1 className="text-xl font-semibold tracking-tight break-words">{title}</h1>
        {note ? <div className="mt-1 max-w-prose text-muted">{note}</div> : null}
      </div>
      {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
    </header>
  );
}

export function Empty({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="rounded-lg border border-dashed border-field/60 bg-surface px-6 py-12 text-center">
      <p className="font-semibold">{title}</p>
      <div className="mx-auto mt-1 max-w-md text-muted">{children}</div>
      {action ? <div className="mt-4">{action}</div> : null}
    </div>
  );
}

const tones = {
  info: 'border-accent/40 bg-accent-soft text-ink',
  good: 'border-pass/40 bg-pass-soft text-pass',
  warning: 'border-partial/40 bg-partial-soft text-partial',
  bad: 'border-fail/40 bg-fail-soft text-fail',
} as const;

/** `alert` is read out when it appears; for answers to what the person has just done. */
export function Notice({
  tone = 'info',
  alert = false,
  title,
  children,
}: {
  tone?: keyof typeof tones;
  alert?: boolean;
  title?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div role={alert ? 'alert' : undefined} className={`rounded-md border px-4 py-3 ${tones[tone]}`}>
      {title ? <p className="font-semibold break-words">{title}</p> : null}
      {children ? <div className="break-words">{children}</div> : null}
    </div>
  );
}

export const inputClass =
  'block w-full min-h-9 rounded-md border border-field bg-surface px-3 py-1.5 text-sm text-ink placeholder:text-muted aria-[invalid=true]:border-fail';

type FieldProps = { label: ReactNode; hint?: ReactNode; problem?: string | undefined };

/** Label, control, hint and problem, tied together for screen readers. */
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

/** A table that scrolls sideways on small screens, by keyboard too. */
export function Table({ label, head, children }: { label: string; head: ReactNode[]; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard.
    <section aria-label={label} tabIndex={0} className="overflow-x-auto">
      <table className="w-full border-collapse text-left">
        <thead>
          <tr className="border-b border-line text-xs text-muted">
            {head.map((cell, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns never move.
              <th key={index} scope="col" className="px-4 py-2 font-medium whitespace-nowrap">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">{children}</tbody>
      </table>
    </section>
  );
}

export const cellClass = 'px-4 py-3 align-top';

/** Terms and their values, side by side. */
export function Facts({ facts }: { facts: { term: string; value: ReactNode }[] }) {
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(9rem,1fr))] gap-x-6 gap-y-4">
      {facts.map(({ term, value }) => (
        <div key={term} className="min-w-0">
          <dt className="text-xs text-muted">{term}</dt>
          <dd className="mt-0.5 font-medium break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Code({ children }: { children: ReactNode }) {
  return <code className="rounded bg-sunken px-1 py-0.5 font-mono text-[0.85em] break-words">{children}</code>;
}

/** Text as it is, however long: what targets, models and people wrote. */
export function Verbatim({ children, label }: { children: string; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard.
    <section tabIndex={0} aria-label={label} className="max-h-96 overflow-auto rounded-md bg-sunken p-3">
      <pre className="font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]">{children}</pre>
    </section>
  );
}

/** Shows that a summary in a row of its own opens. */
export function Opens() {
  return <ChevronRight aria-hidden="true" className="opens size-4 shrink-0 self-center text-muted" />;
}
