import { type MetaFunction, redirect, useNavigation, useParams } from 'react-router';
import { connectServer } from '../../../../services/server/connect.ts';
import { probeServer } from '../../../../services/server/probe.ts';
import { toProbeView } from '../../../../services/server/view.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { DraftForm } from '../../../shell/draft/draft-form.tsx';
import { useDraft } from '../../../shell/draft/use-draft.ts';
import { text, toValues } from '../../../shell/form.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Button } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { PageHeader } from '../../../ui/page/page-header.tsx';
import { ProbeResult } from '../probe/probe-result.tsx';
import { AuthFields } from './auth-fields.tsx';
import { NextTries } from './next-tries.tsx';
import { ServerFields } from './server-fields.tsx';
import { Steps } from './steps.tsx';
import { readTarget } from './target.server.ts';
import { useConnecting } from './use-connecting.ts';

export const meta: MetaFunction = () => [{ title: 'Connect a server · Armature' }];

export const loader = memberLoader(async () => null);

export const action = memberAction(async ({ ctx, form, path }) => {
  // Without JavaScript the buttons of the next tries send the form with another value of one field.
  const [intent, field, value] = text(form, 'intent').split('|');
  if (intent === 'try' && field && value) form.set(field, value);
  const values = toValues(form);
  if (intent === 'try' && field === 'authKind') return { values };
  const target = readTarget(form);
  if (intent === 'probe' || intent === 'try') {
    const { probe } = await probeServer(ctx, target);
    return { probe: toProbeView(probe), values };
  }
  const name = text(form, 'name').trim();
  const { serverId, probe } = await connectServer(ctx, {
    ...target,
    ...(name !== '' && { name }),
    maxConcurrency: Number(text(form, 'maxConcurrency') || 4),
    saveAnyway: intent === 'save-anyway',
  });
  if (serverId) throw redirect(path(`servers/${serverId}?connected=1`));
  return { probe: toProbeView(probe), values };
});

export default function ConnectServer() {
  const answer = useActionData<typeof action>();
  const navigation = useNavigation();
  const draft = useDraft({ answer, values: answer?.values });
  const { test, since, cancel, probe, problem, given, onTest, onTry } = useConnecting({
    address: `/o/${useParams().org}/servers/test`,
    answer: {
      key: answer,
      probe: answer && 'probe' in answer ? answer.probe : undefined,
      problem: answer && 'problem' in answer ? answer.problem : undefined,
      values: draft.values,
    },
  });
  const isSaving = navigation.state !== 'idle';
  const isBusy = isSaving || test.isRunning;
  return (
    <>
      <PageHeader
        title="Connect a server"
        note="Its tools are listed before anything is saved."
        trail={[{ to: '..', text: 'Servers' }]}
      />
      <div className="max-w-2xl">
        <Card>
          <DraftForm draft={draft} className="space-y-4">
            <ErrorSummary problem={problem} />
            <ServerFields values={draft.values} problem={problem}>
              <AuthFields values={draft.values} problem={problem} />
            </ServerFields>
            <Steps test={test} since={since} onCancel={cancel} />
            {probe ? (
              <ProbeResult probe={probe}>
                {probe.ok ? (
                  <p className="text-ink">Nothing is saved yet. Connect the server to save it.</p>
                ) : (
                  <NextTries failure={probe.failure} given={given} isBusy={isBusy} onTry={onTry} />
                )}
              </ProbeResult>
            ) : null}
            <div className="flex flex-wrap gap-2">
              <Button variant="primary" name="intent" value="connect" disabled={isBusy} onClick={onTest}>
                {isSaving ? 'Connecting …' : 'Connect'}
              </Button>
              <Button name="intent" value="probe" disabled={isBusy} onClick={onTest}>
                {test.isRunning ? 'Testing …' : 'Test the connection'}
              </Button>
            </div>
          </DraftForm>
        </Card>
      </div>
    </>
  );
}
