import { type ComponentProps, useState } from 'react';
import { toSlug } from '../../../domain/values/slug.ts';
import { kept, type Values } from '../../shell/form.ts';
import { fieldProblem, type Problem } from '../../shell/problem.ts';
import { Field, inputClass, TextField } from '../../ui/form/field.tsx';
import { useHydrated } from '../../ui/hooks/use-hydrated.ts';

export function EmailField({ email, problem }: { email: string; problem: Problem | undefined }) {
  return (
    <TextField
      label="E-mail"
      name="email"
      type="email"
      autoComplete="username"
      required
      defaultValue={email}
      problem={fieldProblem(problem, 'email')}
    />
  );
}

/** With a button that shows what was typed, where there is JavaScript. */
export function PasswordField({
  label,
  problem,
  hint,
  ...rest
}: { label: string; problem: string | undefined; hint?: string } & ComponentProps<'input'>) {
  const [shown, setShown] = useState(false);
  const hydrated = useHydrated();
  return (
    <Field
      label={label}
      hint={hint}
      problem={problem}
      control={(wired) => (
        <span className="relative block">
          <input
            required
            {...rest}
            {...wired}
            type={shown ? 'text' : 'password'}
            className={`${inputClass} ${hydrated ? 'pr-16' : ''}`}
          />
          {hydrated ? (
            <button
              type="button"
              aria-label={shown ? 'Hide characters' : 'Show characters'}
              onClick={() => setShown(!shown)}
              className="absolute inset-y-0 right-0 min-w-11 cursor-pointer rounded-md px-3 text-xs font-medium text-muted hover:text-ink"
            >
              {shown ? 'Hide' : 'Show'}
            </button>
          ) : null}
        </span>
      )}
    />
  );
}

/** For a password that is being chosen. */
export function NewPasswordField({ label, problem }: { label: string; problem: Problem | undefined }) {
  return (
    <PasswordField
      label={label}
      name="password"
      autoComplete="new-password"
      hint="At least 10 characters: several unrelated words are best. Not your name or the workspace's."
      problem={fieldProblem(problem, 'password')}
    />
  );
}

/**
 * Name and address of a new workspace. The address follows the name until it is edited; without JavaScript, an empty
 * one is made from the name.
 * @param props.name of the field with the workspace's name
 */
export function WorkspaceFields({
  name,
  origin,
  values,
  problem,
}: {
  name: string;
  /** "https://armature.example" */
  origin: string;
  values: Values | undefined;
  problem: Problem | undefined;
}) {
  const [typed, setTyped] = useState(kept(values, name));
  const [slug, setSlug] = useState<string | null>(kept(values, 'slug') || null);
  const hydrated = useHydrated();
  const shown = slug ?? (typed.trim() === '' ? '' : toSlug(typed));
  return (
    <>
      <TextField
        label="Workspace"
        name={name}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        autoComplete="organization"
        required
        hint="Your team's or product's name."
        problem={fieldProblem(problem, name)}
      />
      <TextField
        label="Address"
        name="slug"
        value={shown}
        onChange={(event) => setSlug(event.target.value || null)}
        autoComplete="off"
        spellCheck={false}
        maxLength={40}
        hint={`${origin}/o/${shown || '…'} can't change later.${hydrated ? '' : ' Left empty, it is made from the name.'}`}
        problem={fieldProblem(problem, 'slug')}
      />
    </>
  );
}
