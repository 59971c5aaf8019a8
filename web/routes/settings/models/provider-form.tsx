import { Form, useNavigation } from 'react-router';
import type { ProviderView } from '../../../../services/model-provider/schema.ts';
import { fieldProblem, type Problem } from '../../../shell/problem.ts';
import { Button, LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { TextArea, TextField } from '../../../ui/form/field.tsx';
import { type FormValues, fieldName } from './provider-values.ts';

/** Adds or edits a provider. Stored secrets are never in it. */
export function ProviderForm({
  values,
  provider,
  problem,
  back,
}: {
  values: FormValues;
  /** Null: a new one. */
  provider: ProviderView | null;
  problem: Problem | undefined;
  back: string;
}) {
  const busy = useNavigation().state === 'submitting';
  return (
    <Form method="post" className="space-y-6">
      <Card title="Endpoint">
        <div className="max-w-2xl space-y-4">
          {provider ? null : (
            <TextField
              label="Name"
              name="name"
              required
              maxLength={39}
              pattern="[a-z0-9][a-z0-9\-]*"
              autoComplete="off"
              defaultValue={values.get('name')}
              problem={fieldProblem(problem, 'name')}
              hint="a–z, 0–9 and -. Models are called by it: acme/large. It can't change later."
            />
          )}
          <TextField
            label="Base URL"
            name="baseUrl"
            type="url"
            required
            autoComplete="off"
            placeholder="https://api.openai.com/v1"
            defaultValue={values.get('baseUrl')}
            problem={fieldProblem(problem, 'baseUrl')}
            hint="OpenAI, or any endpoint with its chat completions."
          />
          <TextField
            label="API key"
            name="apiKey"
            type="password"
            autoComplete="off"
            problem={fieldProblem(problem, 'apiKey')}
            hint={
              provider?.hasKey
                ? 'A key is stored. It is never shown again. Empty: it stays.'
                : 'Stored encrypted, and never shown again. Any text, if the endpoint needs none.'
            }
          />
          <TextArea
            label="Headers"
            name="headers"
            rows={2}
            autoComplete="off"
            spellCheck={false}
            defaultValue={values.get('headers')}
            problem={startingWith(problem, 'headers')}
            hint="A line each: name: value. Values are stored encrypted; a name without a value keeps the stored one."
          />
          <TextArea
            label="Query of each request"
            name="valuesOfQuery"
            rows={2}
            autoComplete="off"
            spellCheck={false}
            defaultValue={values.get('valuesOfQuery')}
            problem={startingWith(problem, 'query')}
            hint="Likewise, such as api-version: 2025-04-01."
          />
          <TextField
            label="Parameters of each request"
            name="parameters"
            autoComplete="off"
            placeholder='{"temperature": 0}'
            defaultValue={values.get('parameters')}
            problem={startingWith(problem, 'parameters')}
            hint="A JSON object."
          />
        </div>
      </Card>
      <Card title="Models">
        <div className="space-y-4">
          <p className="text-muted">
            Prices are in US dollars per million tokens. With them, runs show their cost, and budgets count it. Empty
            rows are left out.
          </p>
          {problem ? <p className="text-fail">{fieldProblem(problem, 'models')}</p> : null}
          {values.modelRows.map((row, index) => (
            <ModelRow key={row} row={row} index={index} values={values} problem={problem} />
          ))}
        </div>
      </Card>
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" disabled={busy}>
          {provider ? 'Save provider' : 'Add provider'}
        </Button>
        <LinkButton to={back}>Cancel</LinkButton>
      </div>
    </Form>
  );
}

function ModelRow({
  row,
  index,
  values,
  problem,
}: {
  row: number;
  index: number;
  values: FormValues;
  problem: Problem | undefined;
}) {
  const field = (name: Parameters<typeof fieldName>[1], label: string, className: string) => (
    <div className={className}>
      <TextField
        label={label}
        name={fieldName(row, name)}
        autoComplete="off"
        {...(name.endsWith('Price') && { inputMode: 'decimal' as const })}
        defaultValue={values.get(fieldName(row, name))}
        problem={startingWith(problem, `models[${index}].${name}`)}
      />
    </div>
  );
  return (
    <fieldset className="rounded-md border border-line p-3">
      <legend className="px-1 text-xs text-muted">Model {index + 1}</legend>
      <div className="grid grid-cols-2 gap-3 md:grid-cols-6">
        {field('id', 'Model id', 'col-span-2')}
        {field('label', 'Label', 'col-span-2')}
        {field('parameters', 'Parameters (JSON)', 'col-span-2')}
        {field('inputPrice', 'Input price', 'md:col-span-2')}
        {field('cachedInputPrice', 'Cached input', 'md:col-span-2')}
        {field('outputPrice', 'Output price', 'md:col-span-2')}
      </div>
    </fieldset>
  );
}

/** The error of a field, or of one inside it. */
const startingWith = (problem: Problem | undefined, field: string): string | undefined =>
  problem?.fieldErrors.find(
    (error) =>
      error.field === field || (/^[.[]/.test(error.field.slice(field.length)) && error.field.startsWith(field)),
  )?.message;
