import { useState } from 'react';
import { kept, type Values } from '../../../shell/form.ts';
import { fieldProblem, type Problem } from '../../../shell/problem.ts';
import { SelectField, TextField } from '../../../ui/form/field.tsx';
import { useHydrated } from '../../../ui/hooks/use-hydrated.ts';

/**
 * The credential of an auth profile. Without JavaScript all fields are shown, and those that don't apply are ignored.
 */
export function AuthFields({
  values,
  problem,
  kind: initial = 'none',
  header = '',
  keep = false,
}: {
  values?: Values | undefined;
  problem?: Problem | undefined;
  kind?: string;
  header?: string;
  /** An empty credential keeps the stored one. */
  keep?: boolean;
}) {
  const hydrated = useHydrated();
  const [kind, setKind] = useState(kept(values, 'authKind', initial));
  const shows = (other: string) => !hydrated || kind === other;
  const hint = keep ? 'Leave empty to keep the stored one.' : 'Stored encrypted and never shown again.';
  return (
    <>
      <SelectField
        label="Authentication"
        name="authKind"
        value={kind}
        onChange={(event) => setKind(event.target.value)}
      >
        <option value="none">None</option>
        <option value="bearer">Bearer token</option>
        <option value="api_key_header">API key in a header</option>
      </SelectField>
      {shows('bearer') ? (
        <TextField
          label="Bearer token"
          name="token"
          type="password"
          autoComplete="off"
          hint={hint}
          problem={fieldProblem(problem, 'auth.token')}
        />
      ) : null}
      {shows('api_key_header') ? (
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label="Header name"
            name="authHeader"
            placeholder="X-API-Key"
            defaultValue={kept(values, 'authHeader', header)}
            problem={fieldProblem(problem, 'auth.header')}
          />
          <TextField
            label="Header value"
            name="value"
            type="password"
            autoComplete="off"
            hint={hint}
            problem={fieldProblem(problem, 'auth.value')}
          />
        </div>
      ) : null}
    </>
  );
}
