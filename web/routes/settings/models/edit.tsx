import { type MetaFunction, redirect, useLoaderData, useParams } from 'react-router';
import { atLeast } from '../../../../domain/role/role.ts';
import { deleteModelProvider } from '../../../../services/model-provider/delete.ts';
import { editModelProvider } from '../../../../services/model-provider/edit.ts';
import { getModelProvider } from '../../../../services/model-provider/get.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { ConfirmDialog } from '../../../ui/overlay/confirm-dialog.tsx';
import { ProviderForm } from './provider-form.tsx';
import { fromProvider, fromValues, toProviderInput } from './provider-values.ts';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `${loaderData?.provider.name ?? 'Provider'} · Models · Armature` },
];

export const loader = memberLoader(async ({ ctx, org, params, path }) => ({
  ...(await getModelProvider(ctx, { providerId: params.providerId ?? '' })),
  mayEdit: atLeast(org.role, 'admin'),
  back: path('settings/models'),
}));

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const providerId = params.providerId ?? '';
  if (text(form, 'intent') === 'delete') {
    await deleteModelProvider(ctx, { providerId });
    throw redirect(path('settings/models'));
  }
  const { provider } = await getModelProvider(ctx, { providerId });
  const apiKey = text(form, 'apiKey').trim();
  await editModelProvider(ctx, {
    ...toProviderInput(form, provider),
    providerId,
    ...(apiKey !== '' && { apiKey }),
  });
  return { saved: provider.name };
});

export default function EditProvider() {
  const { provider, usedBy, mayEdit, back } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const base = `/o/${useParams().org}`;
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const values = answer && 'values' in answer ? fromValues(answer.values, provider) : fromProvider(provider);
  return (
    <div className="space-y-6">
      <h2 className="text-base font-semibold">Provider {provider.name}</h2>
      <ErrorSummary problem={problem} />
      {answer && 'saved' in answer ? <Notice tone="good" alert title={`${answer.saved} is saved.`} /> : null}
      {mayEdit ? (
        <ProviderForm key={provider.updatedAt} values={values} provider={provider} problem={problem} back={back} />
      ) : (
        <Notice>Admins of the workspace change its providers.</Notice>
      )}
      <Card title="Workflows that use it">
        {usedBy.length === 0 ? (
          <p className="text-muted">None.</p>
        ) : (
          <ul className="space-y-1">
            {usedBy.map(({ workflowId, name }) => (
              <li key={workflowId}>
                <TextLink to={`${base}/workflows/${workflowId}`} className="[overflow-wrap:anywhere]">
                  {name}
                </TextLink>
              </li>
            ))}
          </ul>
        )}
      </Card>
      {mayEdit ? (
        <ConfirmDialog
          trigger={{ text: 'Delete provider' }}
          title={`Delete ${provider.name}?`}
          confirm="Delete provider"
          fields={{ intent: 'delete' }}
        >
          <p>
            Its key is destroyed.
            {usedBy.length === 0
              ? ' No workflow uses its models.'
              : ` ${usedBy.length === 1 ? 'A workflow uses' : `${usedBy.length} workflows use`} its models: their runs will end in an error until they have other models.`}
          </p>
        </ConfirmDialog>
      ) : null}
    </div>
  );
}
