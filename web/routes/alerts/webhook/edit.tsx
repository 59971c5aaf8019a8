import { Webhook } from 'lucide-react';
import { type MetaFunction, redirect, useLoaderData, useParams } from 'react-router';
import { requireAccess } from '../../../../services/context/use-case.ts';
import { testDestination } from '../../../../services/destination/test.ts';
import { archiveWebhook } from '../../../../services/destination/webhook/archive.ts';
import { editWebhook } from '../../../../services/destination/webhook/edit.ts';
import { getWebhook } from '../../../../services/destination/webhook/get.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { DraftForm } from '../../../shell/draft/draft-form.tsx';
import { useDraft } from '../../../shell/draft/use-draft.ts';
import { text } from '../../../shell/form.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { SaveBar } from '../../../ui/form/save-bar.tsx';
import { ConfirmDialog } from '../../../ui/overlay/confirm-dialog.tsx';
import { dangerItemClass } from '../../../ui/overlay/menu.tsx';
import { Columns } from '../../../ui/page/columns.tsx';
import { PageHeader } from '../../../ui/page/page-header.tsx';
import { TestOutcome } from '../test-outcome.tsx';
import { WebhookFields } from './fields.tsx';
import { SendTest } from './send-test.tsx';
import { SigningSecret } from './signing-secret.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `${loaderData?.webhook.name ?? 'Webhook'} · Alerts · Armature` },
];

export const loader = memberLoader(async ({ ctx, params }) => {
  await requireAccess(ctx, editWebhook.useCase);
  return getWebhook(ctx, { webhookId: params.webhookId ?? '' });
});

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const webhookId = params.webhookId ?? '';
  switch (text(form, 'intent')) {
    case 'test':
      return { tested: await testDestination(ctx, { destination: { kind: 'webhook', webhookId } }) };
    case 'delete': {
      await archiveWebhook(ctx, { webhookId });
      throw redirect(path('alerts/destinations'));
    }
    default: {
      const { webhook, signingSecret } = await editWebhook(ctx, {
        webhookId,
        name: text(form, 'webhookName'),
        url: text(form, 'url'),
        ...(form.has('rotateSecret') && { rotateSecret: true as const }),
      });
      return { saved: webhook.name, signingSecret };
    }
  }
});

export default function EditWebhook() {
  const { webhook, rules } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const base = `/o/${useParams().org}/alerts`;
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const draft = useDraft({
    answer,
    values: answer && 'values' in answer ? answer.values : undefined,
    isSaved: answer !== undefined && 'saved' in answer,
  });
  return (
    <>
      <PageHeader
        title={webhook.name}
        icon={<Webhook className="size-5" />}
        note={<span data-verbatim>{webhook.url}</span>}
        trail={[
          { to: base, text: 'Alerts' },
          { to: `${base}/destinations`, text: 'Destinations' },
        ]}
        actions={<SendTest name={webhook.name} />}
        menu={
          <ConfirmDialog
            trigger={{ text: 'Delete webhook', className: dangerItemClass }}
            title={`Delete the webhook “${webhook.name}”?`}
            confirm="Delete webhook"
            fields={{ intent: 'delete' }}
            action="?"
          >
            Its signing secret is destroyed.{' '}
            {rules.length > 0
              ? `These rules need another destination then: ${rules.map(({ name }) => name).join(', ')}.`
              : 'No rule sends there.'}
          </ConfirmDialog>
        }
      />
      <Columns facts={<UsedBy rules={rules} base={base} />} isFactsLast>
        <ErrorSummary problem={problem} />
        <TestOutcome tested={answer && 'tested' in answer ? answer.tested : undefined} />
        {answer && 'saved' in answer ? (
          answer.signingSecret ? (
            <SigningSecret name={answer.saved} signingSecret={answer.signingSecret} done="?" />
          ) : (
            <Notice tone="good" alert title="The webhook is saved." />
          )
        ) : null}
        {webhook.problem ? <Notice tone="bad" title={webhook.problem} /> : null}
        <DraftForm draft={draft} action="?" className="max-w-[40rem] space-y-4">
          <WebhookFields
            key={`${webhook.name} ${webhook.url}`}
            stored={webhook}
            values={draft.values}
            problem={problem}
          />
          <label className="flex items-start gap-2">
            <input type="checkbox" name="rotateSecret" className="mt-1" />
            <span>
              Create a new signing secret
              <span className="block text-xs text-muted">The old one stops working immediately.</span>
            </span>
          </label>
          <SaveBar changes={draft.changes} onDiscard={draft.discard} />
        </DraftForm>
      </Columns>
    </>
  );
}

function UsedBy({ rules, base }: { rules: { id: string; name: string }[]; base: string }) {
  return (
    <Card title="Used by">
      {rules.length === 0 ? <p className="text-muted">No rule sends here yet.</p> : null}
      <ul className="space-y-1">
        {rules.map(({ id, name }) => (
          <li key={id}>
            <TextLink to={`${base}/rules/${id}`}>{name}</TextLink>
          </li>
        ))}
      </ul>
    </Card>
  );
}
