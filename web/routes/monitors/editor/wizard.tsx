import { CopyPlus, FlaskConical, Trash2 } from 'lucide-react';
import { type MouseEvent, useState } from 'react';
import { useFetcher, useNavigation } from 'react-router';
import type { FieldError } from '../../../../domain/error/error.ts';
import { DraftForm } from '../../../shell/draft/draft-form.tsx';
import type { Draft } from '../../../shell/draft/use-draft.ts';
import { fieldProblem, type Problem } from '../../../shell/problem.ts';
import { Button, TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { Code } from '../../../ui/base/text.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { intervalLabels } from '../labels.ts';
import { IntervalField, MonitorFields, ProfileField } from './fields.tsx';
import { TestCallResult, type TestResult } from './test-call.tsx';
import { type MonitorRow, noErrors, problemAt } from './values.ts';

/** `call`: what was called, if it can be skipped when the monitors are created. */
type Tested = { key: string; result: TestResult; call?: string };
type Answer = { problem?: Problem; tested?: Tested };

/** The second step: arguments of each chosen tool, and the schedule. One form for all tools. */
export function MonitorWizard({
  draft,
  serverId,
  rows,
  schemas,
  descriptions,
  authProfiles,
  authProfileId,
  intervalSeconds,
  problem,
  errors,
  tested,
  failed = [],
  writing,
  otherTools,
}: {
  draft: Draft;
  serverId: string;
  rows: MonitorRow[];
  schemas: { [tool: string]: unknown };
  descriptions: { [tool: string]: string };
  authProfiles: { id: string; name: string; isDefault: boolean }[];
  authProfileId: string;
  intervalSeconds: number;
  problem: Problem | undefined;
  errors: readonly FieldError[];
  /** Result of a test call submitted with the page's form, without JavaScript. */
  tested: Tested | undefined;
  /** Rows whose test call did not pass when they were to be created. */
  failed?: Tested[] | undefined;
  /** Tools that are not marked as only reading. */
  writing: string[];
  otherTools: string;
}) {
  const [interval, setInterval] = useState(intervalSeconds);
  const busy = useNavigation().state === 'submitting';
  return (
    <DraftForm draft={draft} className="space-y-4">
      <input type="hidden" name="serverId" value={serverId} />
      {/* What the Enter key presses. */}
      <button type="submit" name="intent" value="save" className="sr-only" tabIndex={-1} aria-hidden="true">
        Save
      </button>
      <FormProblem problem={problem} rows={rows} />
      <Card title="Schedule and credentials">
        <div className="grid max-w-2xl gap-4 sm:grid-cols-2">
          <IntervalField
            seconds={intervalSeconds}
            onChange={setInterval}
            problem={fieldProblem(problem, 'intervalSeconds')}
          />
          <ProfileField
            profiles={authProfiles}
            value={authProfileId || (authProfiles.find(({ isDefault }) => isDefault)?.id ?? '')}
            problem={fieldProblem(problem, 'authProfileId')}
          />
        </div>
      </Card>
      {rows.map((row) => (
        <WizardRow
          key={row.key}
          row={row}
          schema={schemas[row.tool]}
          description={descriptions[row.tool] ?? ''}
          errors={errors}
          tested={tested?.key === row.key ? tested : failed.find(({ key }) => key === row.key)}
          writes={writing.includes(row.tool) ? `Writes ${intervalLabels(interval).toLowerCase()}` : null}
          only={rows.length === 1}
        />
      ))}
      {failed.length > 0 ? (
        <Notice
          tone="warning"
          alert
          title={failed.length === 1 ? '1 test call did not pass.' : `${failed.length} test calls did not pass.`}
        >
          Correct the arguments above. If you create the monitors anyway, one that fails opens no incident until it has
          passed once.
        </Notice>
      ) : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button variant="primary" name="intent" value="save" disabled={busy}>
          {busy ? 'Testing and saving …' : rows.length === 1 ? 'Create the monitor' : `Create ${rows.length} monitors`}
        </Button>
        {failed.length > 0 ? (
          <Button name="intent" value="save-anyway" disabled={busy}>
            Create anyway
          </Button>
        ) : null}
        <TextLink to={otherTools}>Choose other tools</TextLink>
      </div>
    </DraftForm>
  );
}

/** The errors that aren't shown at a field. */
export function FormProblem({ problem, rows }: { problem: Problem | undefined; rows: readonly MonitorRow[] }) {
  if (!problem) return null;
  const own = problem.fieldErrors.filter(({ field }) => !rows.some(({ key }) => field.startsWith(key)));
  return <ErrorSummary problem={{ ...problem, fieldErrors: own }} />;
}

function WizardRow({
  row,
  schema,
  description,
  errors: given,
  tested,
  writes,
  only,
}: {
  row: MonitorRow;
  schema: unknown;
  description: string;
  errors: readonly FieldError[];
  tested: Tested | undefined;
  /** "Writes every 5 minutes"; null for a tool that only reads. */
  writes: string | null;
  only: boolean;
}) {
  const { Form: _, ...fetcher } = useFetcher<Answer>();
  const { key, tool } = row;
  const testing = fetcher.state !== 'idle';
  // The latest answer counts, from the page or from a test call.
  const [said, setSaid] = useState({ given, data: fetcher.data, byTest: false });
  if (given !== said.given || fetcher.data !== said.data)
    setSaid({ given, data: fetcher.data, byTest: given === said.given });
  const answer = testing || !said.byTest ? undefined : fetcher.data;
  const errors = answer ? (answer.problem?.fieldErrors ?? noErrors) : given;
  const latest = testing ? undefined : (answer?.tested ?? tested);
  const result = latest?.result;
  const whole = errors.find(({ field }) => field === key)?.message ?? problemAt(errors, `${key}.tool`);

  /** With JavaScript, a test call leaves the rest of the page unchanged. */
  function test(event: MouseEvent<HTMLButtonElement>) {
    const { form } = event.currentTarget;
    if (!form) return;
    event.preventDefault();
    const own = new FormData();
    for (const [name, value] of new FormData(form))
      if (name.startsWith(`${key}.`) || name === 'authProfileId' || name === 'serverId') own.append(name, value);
    own.append('row', key);
    own.append('intent', `test:${key}`);
    fetcher.submit(own, { method: 'post' });
  }

  return (
    <Card
      title={
        <span className="min-w-0">
          <Code>{tool}</Code>
        </span>
      }
      aside={
        <span className="flex flex-wrap items-center gap-1">
          {writes ? <StateLabel>{writes}</StateLabel> : null}
          <Button variant="quiet" name="intent" value={`another:${key}`} aria-label={`Add another monitor for ${tool}`}>
            <CopyPlus aria-hidden="true" className="size-4" /> Another
          </Button>
          {only ? null : (
            <Button variant="quiet" name="intent" value={`drop:${key}`} aria-label={`Leave out ${row.name || tool}`}>
              <Trash2 aria-hidden="true" className="size-4" /> Leave out
            </Button>
          )}
        </span>
      }
    >
      {description ? <p className="mb-4 line-clamp-3 max-w-prose text-muted">{description}</p> : null}
      {whole ? <p className="mb-4 text-fail">{whole}</p> : null}
      <MonitorFields row={row} schema={schema} errors={errors} />
      <div className="mt-4 space-y-3">
        <Button
          name="intent"
          value={`test:${key}`}
          onClick={test}
          disabled={testing}
          aria-label={`Test call of ${tool}`}
        >
          <FlaskConical aria-hidden="true" className="size-4" /> {testing ? 'Calling …' : 'Test call'}
        </Button>
        {answer?.problem ? <FormProblem problem={answer.problem} rows={[row]} /> : null}
        {result ? <TestCallResult result={result} tool={tool} /> : null}
        {result && latest?.call && (result.outcome === 'pass' || result.outcome === 'degraded') ? (
          <input type="hidden" name={`${key}.passed`} value={latest.call} />
        ) : null}
      </div>
    </Card>
  );
}
