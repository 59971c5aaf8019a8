import { Form, useLoaderData, useNavigation } from 'react-router';
import { atLeast } from '../../../../domain/role/role.ts';
import { getProduct } from '../../../../services/product-mcp/get.ts';
import { setConnection } from '../../../../services/product-mcp/set-connection.ts';
import { testConnection } from '../../../../services/product-mcp/test-connection.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { fieldProblem, type Problem } from '../../../shell/problem.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Button } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { SelectField, TextField } from '../../../ui/form/field.tsx';
import { type ConnectionFields, fromConnection, fromValues, toConnection } from './values.ts';

export const loader = memberLoader(async ({ ctx, org, params }) => {
  const { productMcp: product } = await getProduct(ctx, { productMcpId: params.productMcpId ?? '' });
  return {
    connection: product.connection,
    baseUrl: product.baseUrl,
    mayEdit: atLeast(org.role, 'editor') && !product.isArchived,
  };
});

export const action = memberAction(async ({ ctx, form, params }) => {
  const productMcpId = params.productMcpId ?? '';
  const connection = toConnection(form);
  if (text(form, 'intent') === 'test') {
    const path = text(form, 'tryPath').trim();
    const { verdict } = await testConnection(ctx, {
      productMcpId,
      connection,
      credential: text(form, 'credential'),
      ...(path !== '' && { path }),
    });
    return { verdict, tested: { ...fromValues({}, toFields(form)) } };
  }
  await setConnection(ctx, { productMcpId, connection });
  return { saved: true };
});

/** What was typed when a credential was tried: it isn't saved yet. */
const toFields = (form: FormData): ConnectionFields => ({
  sourceIn: text(form, 'sourceIn'),
  sourceName: text(form, 'sourceName'),
  targetIn: text(form, 'targetIn'),
  targetName: text(form, 'targetName'),
  format: text(form, 'format'),
  check: text(form, 'check'),
  path: text(form, 'path'),
  timeoutSeconds: text(form, 'timeoutSeconds'),
});

export default function ConnectionPage() {
  const { connection, baseUrl, mayEdit } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state === 'submitting';
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const stored = fromConnection(connection);
  const values =
    answer && 'tested' in answer
      ? answer.tested
      : answer && 'values' in answer
        ? fromValues(answer.values, stored)
        : stored;
  return (
    <>
      <ErrorSummary problem={problem} />
      {answer && 'saved' in answer ? <Notice tone="good" alert title="Connection saved." /> : null}
      {answer && 'verdict' in answer ? <Verdict verdict={answer.verdict} /> : null}
      <Form method="post" className="max-w-2xl space-y-6">
        <fieldset disabled={!mayEdit} className="space-y-6">
          <Source values={values} problem={problem} />
          <Target values={values} problem={problem} />
          <Check values={values} problem={problem} baseUrl={baseUrl} />
          {mayEdit ? (
            <>
              <Button name="intent" value="save" variant="primary" disabled={busy}>
                Save connection
              </Button>
              <Card title="Try a real credential">
                <div className="space-y-4">
                  <TextField
                    label="Credential"
                    name="credential"
                    type="password"
                    autoComplete="off"
                    problem={fieldProblem(problem, 'credential')}
                    hint="Sent to the API once, as set above. It is not kept."
                  />
                  <TextField
                    label="Path to try"
                    name="tryPath"
                    autoComplete="off"
                    placeholder="/me"
                    problem={fieldProblem(problem, 'path')}
                    hint="Only needed without an endpoint that checks credentials."
                  />
                  <Button name="intent" value="test" disabled={busy}>
                    {busy ? 'Trying …' : 'Try credential'}
                  </Button>
                </div>
              </Card>
            </>
          ) : null}
        </fieldset>
      </Form>
    </>
  );
}

type Part = { values: ConnectionFields; problem: Problem | undefined };

function Source({ values, problem }: Part) {
  return (
    <Card title="Callers send their credential in">
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label="Place" name="sourceIn" defaultValue={values.sourceIn}>
          <option value="header">A header</option>
          <option value="query">A query parameter</option>
        </SelectField>
        <TextField
          label="Its name"
          name="sourceName"
          required
          autoComplete="off"
          defaultValue={values.sourceName}
          problem={fieldProblem(problem, 'connection.source.name')}
          hint="In Authorization, callers send Bearer and the credential."
        />
      </div>
    </Card>
  );
}

function Target({ values, problem }: Part) {
  return (
    <Card title="The API gets it in">
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label="Goes in" name="targetIn" defaultValue={values.targetIn}>
          <option value="header">A header</option>
          <option value="query">A query parameter</option>
          <option value="cookie">A cookie</option>
          <option value="basic">Basic authentication, from user:password</option>
        </SelectField>
        <TextField
          label="Name at the API"
          name="targetName"
          autoComplete="off"
          defaultValue={values.targetName}
          problem={fieldProblem(problem, 'connection.target.name')}
          hint="Not used for basic authentication."
        />
        <TextField
          label="Format"
          name="format"
          autoComplete="off"
          defaultValue={values.format}
          problem={fieldProblem(problem, 'connection.target.format')}
          hint="{credential} stands for what the caller sent."
        />
        <TextField
          label="Time limit of a call, in seconds"
          name="timeoutSeconds"
          type="number"
          min={1}
          max={120}
          required
          defaultValue={values.timeoutSeconds}
          problem={fieldProblem(problem, 'connection.timeoutSeconds')}
        />
      </div>
    </Card>
  );
}

function Check({ values, problem, baseUrl }: Part & { baseUrl: string }) {
  return (
    <Card title="How credentials are checked">
      <div className="space-y-4">
        <SelectField label="Check" name="check" defaultValue={values.check}>
          <option value="endpoint">Ask an endpoint of the API</option>
          <option value="presence_only">Only that there is one</option>
        </SelectField>
        <TextField
          label="Path of the endpoint"
          name="path"
          autoComplete="off"
          placeholder="/me"
          defaultValue={values.path}
          problem={fieldProblem(problem, 'connection.check.path')}
          hint={
            <span className="[overflow-wrap:anywhere]">
              GET below {baseUrl}. It answers 2xx to a valid credential, 401 or 403 to an invalid one; the answer counts
              for a minute.
            </span>
          }
        />
        <p className="max-w-prose text-muted">
          Without an endpoint, anyone with any text as a credential can list the tools, and each call is left to the API
          to refuse.
        </p>
      </div>
    </Card>
  );
}

function Verdict({ verdict }: { verdict: { outcome: string; status: number | null; reason?: string } }) {
  const status = verdict.status === null ? '' : ` (HTTP status ${verdict.status})`;
  if (verdict.outcome === 'valid')
    return <Notice tone="good" alert title={`The API accepts this credential${status}.`} />;
  if (verdict.outcome === 'invalid')
    return (
      <Notice tone="bad" alert title={`The API refuses this credential${status}.`}>
        If it is right, check how it goes to the API.
      </Notice>
    );
  return (
    <Notice tone="warning" alert title="The API gave no clear answer.">
      {verdict.reason}
    </Notice>
  );
}
