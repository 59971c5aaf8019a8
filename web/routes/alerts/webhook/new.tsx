import { type MetaFunction, useNavigation, useParams } from 'react-router';
import { requireAccess } from '../../../../services/context/use-case.ts';
import { createWebhook } from '../../../../services/destination/webhook/create.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { DraftForm } from '../../../shell/draft/draft-form.tsx';
import { useDraft } from '../../../shell/draft/use-draft.ts';
import { text } from '../../../shell/form.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Button } from '../../../ui/base/button.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { PageHeader } from '../../../ui/page/page-header.tsx';
import { WebhookFields } from './fields.tsx';
import { SigningSecret } from './signing-secret.tsx';

export const meta: MetaFunction = () => [{ title: 'Add a webhook · Alerts · Armature' }];

export const loader = memberLoader(async ({ ctx }) => requireAccess(ctx, createWebhook.useCase));

export const action = memberAction(async ({ ctx, form }) => {
  const { webhook, signingSecret } = await createWebhook(ctx, {
    name: text(form, 'webhookName'),
    url: text(form, 'url'),
  });
  return { secret: { name: webhook.name, signingSecret, id: webhook.id } };
});

export default function NewWebhook() {
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  const base = `/o/${useParams().org}/alerts`;
  const secret = answer && 'secret' in answer ? answer.secret : undefined;
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const draft = useDraft({
    answer,
    values: answer && 'values' in answer ? answer.values : undefined,
    isSaved: secret !== undefined,
  });
  return (
    <>
      <PageHeader
        title="Add a webhook"
        trail={[
          { to: base, text: 'Alerts' },
          { to: `${base}/destinations`, text: 'Destinations' },
        ]}
      />
      <div className="max-w-[40rem] space-y-6">
        {secret ? (
          <SigningSecret {...secret} done={`${base}/destinations/webhooks/${secret.id}`} />
        ) : (
          <>
            <ErrorSummary problem={problem} />
            <DraftForm draft={draft} className="space-y-4">
              <WebhookFields stored={null} values={draft.values} problem={problem} />
              <Button variant="primary" disabled={busy}>
                {busy ? 'Saving …' : 'Add webhook'}
              </Button>
            </DraftForm>
          </>
        )}
      </div>
    </>
  );
}
