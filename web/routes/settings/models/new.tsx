import { type MetaFunction, redirect, useLoaderData } from 'react-router';
import { requireAccess } from '../../../../services/context/use-case.ts';
import { createModelProvider } from '../../../../services/model-provider/create.ts';
import { listModelProviders } from '../../../../services/model-provider/list.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { ProviderForm } from './provider-form.tsx';
import { fromProvider, fromValues, toProviderInput } from './provider-values.ts';

export const meta: MetaFunction = () => [{ title: 'Add a provider · Models · Armature' }];

export const loader = memberLoader(async ({ ctx, path }) => {
  await requireAccess(ctx, createModelProvider.useCase);
  await listModelProviders(ctx, {});
  return { back: path('settings/models') };
});

export const action = memberAction(async ({ ctx, form, path }) => {
  const apiKey = text(form, 'apiKey').trim();
  await createModelProvider(ctx, {
    ...toProviderInput(form, null),
    name: text(form, 'name').trim(),
    apiKey: apiKey === '' ? null : apiKey,
  });
  throw redirect(path('settings/models'));
});

export default function NewProvider() {
  const { back } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const values = answer && 'values' in answer ? fromValues(answer.values, null) : fromProvider(null);
  return (
    <div className="space-y-6">
      <h2 className="text-base font-semibold">Add a provider</h2>
      <p className="max-w-prose text-muted">
        Its models are for this workspace alone. Armature calls the endpoint like a server under test: never at an
        internal address that the operator does not allow.
      </p>
      <ErrorSummary problem={problem} />
      <ProviderForm values={values} provider={null} problem={problem} back={back} />
    </div>
  );
}
