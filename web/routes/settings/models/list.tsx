import { Form, type MetaFunction, useLoaderData, useNavigation, useParams } from 'react-router';
import { atLeast } from '../../../../domain/role/role.ts';
import { listModels } from '../../../../services/model/list.ts';
import { testModel } from '../../../../services/model/test.ts';
import { listModelProviders } from '../../../../services/model-provider/list.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Badge } from '../../../ui/base/badge.tsx';
import { Button, LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { type Column, DataTable } from '../../../ui/data/data-table.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { TestResult } from './test-result.tsx';

export const meta: MetaFunction = () => [{ title: 'Models · Settings · Armature' }];

export const loader = memberLoader(async ({ ctx, org }) => ({
  ...(await listModels(ctx, {})),
  ...(await listModelProviders(ctx, {})),
  mayTest: atLeast(org.role, 'admin'),
}));

const sources = {
  builtin: 'Comes with Armature',
  installation: 'Of the operator, for all workspaces',
  workspace: 'Of this workspace',
} as const;

export const action = memberAction(async ({ ctx, form }) => testModel(ctx, { model: text(form, 'model') }));

export default function Models() {
  const { models, providers, mayTest } = useLoaderData<typeof loader>();
  useLive(['model_provider']);
  const base = `/o/${useParams().org}/settings/models`;
  const answer = useActionData<typeof action>();
  const { state, formData } = useNavigation();
  const testing = state === 'submitting' ? formData?.get('model') : null;
  const test: Column<(typeof models)[number]> = {
    key: 'test',
    head: 'Test',
    headHidden: true,
    align: 'right',
    cell: ({ id, builtin, keySet }) => {
      if (builtin) return null;
      if (!keySet) return <Badge tone="partial">No key</Badge>;
      return (
        <Form method="post">
          <input type="hidden" name="model" value={id} />
          <Button disabled={state !== 'idle'} aria-label={`Test ${id}`}>
            {testing === id ? 'Testing …' : 'Test'}
          </Button>
        </Form>
      );
    },
  };
  return (
    <div className="space-y-6">
      <p className="max-w-prose text-muted">
        Models that workflows can use: of providers that this workspace has added, and of those that the operator of the
        installation lists for all workspaces. A test asks a model a few small questions.
      </p>
      {answer && 'problem' in answer ? <ErrorSummary problem={answer.problem} /> : null}
      {answer && 'test' in answer ? <TestResult model={answer.model} test={answer.test} /> : null}
      <Card
        flush
        title="Providers of this workspace"
        aside={mayTest ? <LinkButton to="new">Add provider</LinkButton> : null}
      >
        {providers.length === 0 ? (
          <p className="p-4 text-muted">
            None yet. {mayTest ? 'Add one' : 'An admin can add one'}, such as OpenAI or an endpoint of your own.
          </p>
        ) : (
          <DataTable
            label="Providers of this workspace"
            rows={providers}
            rowKey={({ id }) => id}
            to={({ id }) => `${base}/${id}`}
            columns={[
              { key: 'name', head: 'Provider', phone: 'title', cell: ({ name }) => name },
              { key: 'url', head: 'Base URL', cell: ({ baseUrl }) => <span className="break-all">{baseUrl}</span> },
              {
                key: 'models',
                head: 'Models',
                align: 'right',
                unit: 'models',
                cell: ({ models }) => models.length,
              },
              { key: 'key', head: 'Key', cell: ({ hasKey }) => (hasKey ? 'Stored' : 'None') },
            ]}
          />
        )}
      </Card>
      <Card flush title="Models">
        <DataTable
          label="Models"
          rows={models}
          rowKey={({ id }) => id}
          columns={[
            {
              key: 'model',
              head: 'Model',
              phone: 'title',
              cell: ({ id, label }) => (
                <>
                  <span className="block font-medium">{label}</span>
                  <span className="block break-all font-mono text-muted text-xs">{id}</span>
                </>
              ),
            },
            { key: 'source', head: 'Provider', cell: ({ source }) => sources[source] },
            {
              key: 'use',
              head: 'Use as',
              cell: ({ tester, judge }) =>
                [tester ? 'Tester' : null, judge ? 'Judge' : null].filter(Boolean).join(', '),
            },
            {
              key: 'price',
              head: 'US dollars per million tokens',
              align: 'right',
              cell: ({ price }) => (price ? `${price.input} in, ${price.output} out` : 'Price unknown'),
            },
            ...(mayTest ? [test] : []),
          ]}
        />
      </Card>
    </div>
  );
}
