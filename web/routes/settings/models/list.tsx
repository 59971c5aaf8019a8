import { Form, type MetaFunction, useLoaderData, useNavigation } from 'react-router';
import { atLeast } from '../../../../domain/role/role.ts';
import { listModels } from '../../../../services/model/list.ts';
import { testModel } from '../../../../services/model/test.ts';
import { listModelProviders } from '../../../../services/model-provider/list.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Badge } from '../../../ui/base/badge.tsx';
import { Button, LinkButton, TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { cellClass, Table } from '../../../ui/data/table.tsx';
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
  const answer = useActionData<typeof action>();
  const { state, formData } = useNavigation();
  const testing = state === 'submitting' ? formData?.get('model') : null;
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
          <Table label="Providers of this workspace" head={['Provider', 'Base URL', 'Models', 'Key']}>
            {providers.map((provider) => (
              <tr key={provider.id} className="hover:bg-sunken/60">
                <td className={cellClass}>
                  <TextLink to={provider.id}>{provider.name}</TextLink>
                </td>
                <td className={`${cellClass} break-all`}>{provider.baseUrl}</td>
                <td className={`${cellClass} tabular-nums`}>{provider.models.length}</td>
                <td className={cellClass}>{provider.hasKey ? 'Stored' : <span className="text-muted">None</span>}</td>
              </tr>
            ))}
          </Table>
        )}
      </Card>
      <Card flush title="Models">
        <Table
          label="Models"
          head={['Model', 'Provider', 'Use as', 'US dollars per million tokens', ...(mayTest ? ['Test'] : [])]}
        >
          {models.map(({ id, label, builtin, source, tester, judge, keySet, price }) => (
            <tr key={id} className="hover:bg-sunken/60">
              <td className={cellClass}>
                <p className="font-medium">{label}</p>
                <p className="font-mono text-xs text-muted break-all">{id}</p>
              </td>
              <td className={cellClass}>{sources[source]}</td>
              <td className={cellClass}>
                {[tester ? 'Tester' : null, judge ? 'Judge' : null].filter(Boolean).join(', ')}
              </td>
              <td className={`${cellClass} tabular-nums`}>
                {price ? `${price.input} in, ${price.output} out` : <span className="text-muted">Unknown</span>}
              </td>
              {mayTest ? (
                <td className={cellClass}>
                  {builtin ? <span className="text-muted">–</span> : null}
                  {!builtin && !keySet ? <Badge tone="partial">No key</Badge> : null}
                  {!builtin && keySet ? (
                    <Form method="post">
                      <input type="hidden" name="model" value={id} />
                      <Button disabled={state !== 'idle'} aria-label={`Test ${id}`}>
                        {testing === id ? 'Testing …' : 'Test'}
                      </Button>
                    </Form>
                  ) : null}
                </td>
              ) : null}
            </tr>
          ))}
        </Table>
      </Card>
    </div>
  );
}
