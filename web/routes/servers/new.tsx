import { type MetaFunction, redirect, useNavigation } from 'react-router';
import { connectServer } from '../../../services/server/connect.ts';
import { probeServer } from '../../../services/server/probe.ts';
import { toProbeView } from '../../../services/server/view.ts';
import { useActionData } from '../../shell/action-data.ts';
import { DraftForm } from '../../shell/draft/draft-form.tsx';
import { useDraft } from '../../shell/draft/use-draft.ts';
import { text, toValues } from '../../shell/form.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { Button } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { AuthFields } from './auth-fields.tsx';
import { parseAuth, parseTransport } from './auth-values.ts';
import { ProbeResult } from './probe/probe-result.tsx';
import { ServerFields } from './server-fields.tsx';

export const meta: MetaFunction = () => [{ title: 'Connect a server · Armature' }];

export const loader = memberLoader(async () => null);

export const action = memberAction(async ({ ctx, form, path }) => {
  const target = {
    transport: parseTransport(form),
    url: text(form, 'url'),
    pathSecret: text(form, 'pathSecret'),
    headers: text(form, 'headers'),
    auth: parseAuth(form),
  };
  const intent = text(form, 'intent');
  if (intent === 'probe') {
    const { probe } = await probeServer(ctx, target);
    return { probe: toProbeView(probe), intent: 'probe' as const, values: toValues(form) };
  }
  const { serverId, probe } = await connectServer(ctx, {
    ...target,
    name: text(form, 'name'),
    maxConcurrency: Number(text(form, 'maxConcurrency') || 4),
    saveAnyway: intent === 'save-anyway',
  });
  if (serverId) throw redirect(path(`servers/${serverId}?connected=1`));
  return { probe: toProbeView(probe), intent: 'connect' as const, values: toValues(form) };
});

export default function ConnectServer() {
  const answer = useActionData<typeof action>();
  const navigation = useNavigation();
  const busy = navigation.state !== 'idle' ? navigation.formData?.get('intent') : null;
  const draft = useDraft({ answer, values: answer?.values });
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const probe = answer && 'probe' in answer ? answer.probe : undefined;
  return (
    <>
      <PageHeader
        title="Connect a server"
        note="Armature connects, lists the tools and shows the result before anything is saved."
        trail={[{ to: '..', text: 'Servers' }]}
      />
      <div className="max-w-2xl">
        <Card>
          <DraftForm draft={draft} className="space-y-4">
            <ServerFields values={draft.values} problem={problem} />
            <AuthFields values={draft.values} problem={problem} />
            <ErrorSummary problem={problem} />
            {probe ? (
              <ProbeResult probe={probe}>
                {probe.ok ? (
                  <p className="text-ink">Nothing is saved yet. Connect the server to save it.</p>
                ) : (
                  <Button name="intent" value="save-anyway" disabled={busy !== null}>
                    Save anyway
                  </Button>
                )}
              </ProbeResult>
            ) : null}
            <div className="flex flex-wrap gap-2">
              <Button variant="primary" name="intent" value="connect" disabled={busy !== null}>
                {busy === 'connect' ? 'Connecting …' : 'Connect'}
              </Button>
              <Button name="intent" value="probe" disabled={busy !== null}>
                {busy === 'probe' ? 'Testing …' : 'Test the connection'}
              </Button>
            </div>
          </DraftForm>
        </Card>
      </div>
    </>
  );
}
