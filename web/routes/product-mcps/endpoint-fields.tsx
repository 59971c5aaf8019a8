import { useState } from 'react';
import { fieldProblem, type Problem } from '../../shell/problem.ts';
import { TextField } from '../../ui/form/field.tsx';

/**
 * Name, slug and base URL. The public address is shown while the slug is typed.
 * @param props.prefix of the address, up to the slug
 */
export function EndpointFields({
  values,
  problem,
  prefix,
}: {
  values: { name: string; slug: string; baseUrl: string };
  problem: Problem | undefined;
  prefix: string;
}) {
  const [slug, setSlug] = useState(values.slug);
  return (
    <>
      <TextField
        label="Name"
        name="name"
        required
        maxLength={100}
        autoComplete="off"
        defaultValue={values.name}
        problem={fieldProblem(problem, 'name')}
        hint="Agents see it as the name of the server."
      />
      <TextField
        label="Slug"
        name="slug"
        required
        minLength={2}
        maxLength={80}
        pattern="[a-z0-9_\-]+"
        autoComplete="off"
        defaultValue={values.slug}
        onChange={({ target }) => setSlug(target.value)}
        problem={fieldProblem(problem, 'slug')}
        hint={
          <span className="[overflow-wrap:anywhere]" aria-live="polite">
            Public address: {prefix}
            {slug === '' ? '…' : slug}
          </span>
        }
      />
      <TextField
        label="Base URL of the API"
        name="baseUrl"
        type="url"
        required
        autoComplete="off"
        placeholder="https://api.example.com/v1"
        defaultValue={values.baseUrl}
        problem={fieldProblem(problem, 'baseUrl')}
        hint="Paths of the OpenAPI document are appended to it."
      />
    </>
  );
}
