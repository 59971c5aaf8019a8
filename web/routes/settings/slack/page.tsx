import { Form, type MetaFunction, useLoaderData, useNavigation, useSearchParams } from 'react-router';
import { atLeast } from '../../../../domain/role/role.ts';
import { listDestinations } from '../../../../services/destination/list.ts';
import { disconnectSlack } from '../../../../services/destination/slack/disconnect.ts';
import { startSlackInstall } from '../../../../services/destination/slack/start-install.ts';
import type { SlackInstallationView } from '../../../../services/destination/view.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Button } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { EmptyState } from '../../../ui/base/empty-state.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { Code } from '../../../ui/base/text.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { ConfirmDialog } from '../../../ui/overlay/confirm-dialog.tsx';
import { LeaveTo } from '../../../ui/page/leave-to.tsx';
import { SlackNotice } from './slack-notice.tsx';

export const meta: MetaFunction = () => [{ title: 'Slack · Settings · Armature' }];

export const loader = memberLoader(async ({ ctx, org }) => {
  const { slack } = await listDestinations(ctx, {});
  return { ...slack, mayConnect: atLeast(org.role, 'admin') };
});

export const action = memberAction(async ({ ctx, form }) => {
  if (text(form, 'intent') === 'connect') return { slackUrl: (await startSlackInstall(ctx, {})).redirectUrl };
  const { warnings } = await disconnectSlack(ctx, { installationId: text(form, 'installationId') });
  return { warnings: warnings.map(({ message }) => message) };
});

export default function SlackSettings() {
  const { configured, installations, mayConnect } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const [search] = useSearchParams();
  const connect = mayConnect && configured ? <Connect text="Connect Slack" isPrimary /> : null;
  return (
    <div className="max-w-2xl space-y-6">
      <ErrorSummary problem={answer && 'problem' in answer ? answer.problem : undefined} />
      {answer ? null : <SlackNotice outcome={search.get('slack')} reason={search.get('reason')} />}
      {answer && 'slackUrl' in answer ? (
        <LeaveTo url={answer.slackUrl} title="Slack will ask which workspace to connect." label="Continue to Slack" />
      ) : null}
      {answer && 'warnings' in answer ? (
        <Notice tone="good" alert title="The Slack workspace is disconnected.">
          {answer.warnings.join(' ')}
        </Notice>
      ) : null}
      {configured ? null : <HowToSetUp />}
      {installations.length > 0 ? (
        <Card
          flush
          title="Slack workspaces"
          aside={mayConnect && configured ? <Connect text="Connect another" /> : null}
        >
          <ul className="divide-y divide-line">
            {installations.map((each) => (
              <Installation key={each.id} installation={each} mayConnect={mayConnect} configured={configured} />
            ))}
          </ul>
        </Card>
      ) : configured ? (
        <EmptyState title="No Slack workspace is connected" action={connect}>
          {mayConnect
            ? 'Rules can then send to its channels, and people can act on alerts from there.'
            : 'Admins of this workspace can connect one.'}
        </EmptyState>
      ) : null}
    </div>
  );
}

function Installation({
  installation: { id, teamName, state, installedAt, revokedAt, problem },
  mayConnect,
  configured,
}: {
  installation: SlackInstallationView;
  mayConnect: boolean;
  configured: boolean;
}) {
  const isConnected = state === 'connected';
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-60">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {teamName}
          <StateLabel>{isConnected ? 'Connected' : 'Disconnected'}</StateLabel>
        </p>
        <p className="text-muted">
          {isConnected ? 'Since ' : 'On '}
          <Time at={revokedAt ?? installedAt} />
        </p>
        {problem ? <p className="text-fail">{problem}</p> : null}
      </div>
      {mayConnect && configured ? (
        <Connect text={isConnected ? 'Reauthorize' : 'Connect again'} label={teamName} />
      ) : null}
      {mayConnect && isConnected ? (
        <ConfirmDialog
          trigger={{ text: 'Disconnect' }}
          title={`Disconnect ${teamName}?`}
          confirm="Disconnect"
          fields={{ intent: 'disconnect', installationId: id }}
          action="?"
        >
          Armature's token for it is destroyed. Rules that send there fail until you choose another destination.
        </ConfirmDialog>
      ) : null}
    </li>
  );
}

/** Slack asks which workspace to connect; one that is connected already gets a new token and keeps its rules. */
function Connect({ text: word, label, isPrimary = false }: { text: string; label?: string; isPrimary?: boolean }) {
  const busy = useNavigation().state !== 'idle';
  return (
    <Form method="post" action="?">
      <Button
        variant={isPrimary ? 'primary' : 'plain'}
        name="intent"
        value="connect"
        disabled={busy}
        {...(label && { 'aria-label': `${word} ${label}` })}
      >
        {word}
      </Button>
    </Form>
  );
}

function HowToSetUp() {
  return (
    <Card title="Set up the Slack app">
      <div className="space-y-2">
        <p>This installation has no Slack app yet. Its operator sets one up once, in about five minutes:</p>
        <ol className="list-decimal space-y-1 pl-5">
          <li>
            At api.slack.com/apps choose <em>Create New App</em>, then <em>From a manifest</em>, and paste{' '}
            <Code>slack-manifest.yaml</Code> from Armature's repository, with this address in place of the example.
          </li>
          <li>
            Set <Code>SLACK_CLIENT_ID</Code>, <Code>SLACK_CLIENT_SECRET</Code> and <Code>SLACK_SIGNING_SECRET</Code>{' '}
            from its <em>Basic Information</em>, and restart Armature.
          </li>
          <li>Come back here and connect your Slack workspace.</li>
        </ol>
        <p className="text-muted">Until then, alerts go by e-mail or webhook.</p>
      </div>
    </Card>
  );
}
