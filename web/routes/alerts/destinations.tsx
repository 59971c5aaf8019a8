import { Form } from 'react-router';
import { kept, type Values } from '../../shell/form.ts';
import { fieldProblem, type Problem } from '../../shell/problem.ts';
import { Badge } from '../../ui/base/badge.tsx';
import { Button, LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { Code, RawText } from '../../ui/base/text.tsx';
import { Time } from '../../ui/base/time.tsx';
import { TextField } from '../../ui/form/field.tsx';

type Webhook = {
  id: string;
  name: string;
  url: string;
  queryNames: string[];
  createdAt: string;
  problem: string | null;
};
type Installation = {
  id: string;
  teamId: string;
  teamName: string;
  state: 'connected' | 'revoked';
  installedAt: string;
  revokedAt: string | null;
  problem: string | null;
};
export type DestinationsProps = {
  slack: { configured: boolean; installations: Installation[] };
  webhooks: Webhook[];
  email: { configured: boolean; from: string };
  base: string;
  mayConnect: boolean;
  busy: boolean;
  /** Ids from the URL of what is being edited, deleted or disconnected. */
  asked: { webhook: string | null; remove: string | null; disconnect: string | null };
  problem: Problem | undefined;
  values: Values | undefined;
};

/** Where alerts can be sent, and the state of each connection. */
export function Destinations(props: DestinationsProps) {
  return (
    <section aria-labelledby="destinations" className="space-y-4">
      <h2 id="destinations" className="text-base font-semibold">
        Destinations
      </h2>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Slack {...props} />
        <div className="space-y-4">
          <Email {...props} />
          <Webhooks {...props} />
        </div>
      </div>
    </section>
  );
}

function Slack({ slack, mayConnect, busy, asked }: DestinationsProps) {
  return (
    <Card
      title="Slack"
      aside={
        slack.configured && mayConnect ? (
          <Form method="post" action="?">
            <Button name="intent" value="connect-slack" disabled={busy}>
              Connect Slack
            </Button>
          </Form>
        ) : null
      }
    >
      {slack.configured ? null : (
        <div className="space-y-2">
          <p>This installation has no Slack app yet. Whoever runs it sets one up once, in about five minutes:</p>
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
          <p className="text-muted">Until then alerts go by e-mail or webhook.</p>
        </div>
      )}
      {slack.configured && slack.installations.length === 0 ? (
        <p className="text-muted">
          No Slack workspace is connected.{mayConnect ? '' : ' Admins of this workspace can connect one.'}
        </p>
      ) : null}
      <ul className="space-y-3">
        {slack.installations.map((each) => (
          <li key={each.id} className={slack.configured ? '' : 'mt-3'}>
            <div className="flex flex-wrap items-center gap-2">
              <span className="font-medium">{each.teamName}</span>
              {each.state === 'connected' ? (
                <Badge tone="pass">Connected</Badge>
              ) : (
                <Badge tone="fail">Disconnected</Badge>
              )}
              <span className="text-muted">
                {each.state === 'connected' ? 'since ' : ''}
                <Time at={each.revokedAt ?? each.installedAt} />
              </span>
              {mayConnect && each.state === 'connected' ? (
                <LinkButton
                  className="ml-auto"
                  variant="quiet"
                  to={`?disconnect=${each.id}#disconnect`}
                  aria-label={`Disconnect ${each.teamName}`}
                >
                  Disconnect
                </LinkButton>
              ) : null}
            </div>
            {each.problem ? <p className="mt-1 text-fail">{each.problem}</p> : null}
            {mayConnect && each.state === 'connected' && asked.disconnect === each.id ? (
              <Confirm
                id="disconnect"
                title={`Disconnect ${each.teamName}?`}
                text="Armature's token for it is destroyed. Rules that send there fail until you choose another destination."
                name="installationId"
                value={each.id}
                intent="disconnect-slack"
                button="Disconnect"
                busy={busy}
              />
            ) : null}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Email({ email, base }: DestinationsProps) {
  return (
    <Card
      title="E-mail"
      aside={email.configured ? <Badge tone="pass">Set up</Badge> : <Badge tone="partial">To the outbox</Badge>}
    >
      {email.configured ? (
        <p>
          Sent by Resend from <Code>{email.from}</Code>. Each rule names its own address.
        </p>
      ) : (
        <p>
          No provider is set up (<Code>RESEND_API_KEY</Code>), so e-mails are kept in the{' '}
          <TextLink to={`${base}/alerts/outbox`}>outbox</TextLink> and nothing fails.
        </p>
      )}
    </Card>
  );
}

function Webhooks(props: DestinationsProps) {
  const { webhooks, mayConnect, busy, asked, problem, values } = props;
  const edited = webhooks.find(({ id }) => id === asked.webhook);
  const isOwn = values?.form?.[0] === 'webhook';
  return (
    <Card title="Webhooks" id="webhooks">
      {webhooks.length === 0 ? (
        <p className="text-muted">
          No webhooks yet. A webhook receives each alert as signed JSON, for pagers, chats and your own scripts.
          {mayConnect ? '' : ' Admins of this workspace can add one.'}
        </p>
      ) : null}
      <ul className="space-y-3">
        {webhooks.map((webhook) => (
          <li key={webhook.id}>
            <div className="flex flex-wrap items-center gap-2">
              <span className="font-medium">{webhook.name}</span>
              {mayConnect ? (
                <span className="ml-auto flex gap-1">
                  <LinkButton
                    variant="quiet"
                    to={`?webhook=${webhook.id}#webhooks`}
                    aria-label={`Edit ${webhook.name}`}
                  >
                    Edit
                  </LinkButton>
                  <LinkButton
                    variant="quiet"
                    to={`?remove=${webhook.id}#webhooks`}
                    aria-label={`Delete ${webhook.name}`}
                  >
                    Delete
                  </LinkButton>
                </span>
              ) : null}
            </div>
            <p className="font-mono text-xs break-all text-muted">
              {webhook.url}
              {webhook.queryNames.length > 0 ? ` (and ${webhook.queryNames.join(', ')})` : ''}
            </p>
            {webhook.problem ? <p className="mt-1 text-fail">{webhook.problem}</p> : null}
            {mayConnect && asked.remove === webhook.id ? (
              <Confirm
                id="remove"
                title={`Delete the webhook “${webhook.name}”?`}
                text="Its signing secret is destroyed. Rules that send there fail until you choose another destination."
                name="webhookId"
                value={webhook.id}
                intent="delete-webhook"
                button="Delete webhook"
                busy={busy}
              />
            ) : null}
          </li>
        ))}
      </ul>
      {mayConnect ? (
        <Form
          method="post"
          action="?"
          className="mt-4 space-y-3 border-line border-t pt-4"
          key={edited?.id ?? `new ${webhooks.length}`}
          noValidate
        >
          <input type="hidden" name="form" value="webhook" />
          {edited ? <input type="hidden" name="webhookId" value={edited.id} /> : null}
          <h3 className="font-medium">{edited ? `Edit ${edited.name}` : 'Add a webhook'}</h3>
          <TextField
            label="Webhook name"
            name="webhookName"
            maxLength={100}
            autoComplete="off"
            defaultValue={isOwn ? kept(values, 'webhookName') : (edited?.name ?? '')}
            problem={isOwn ? fieldProblem(problem, 'name') : undefined}
          />
          <TextField
            label="Webhook URL"
            name="url"
            type="url"
            placeholder="https://hooks.example.com/armature"
            autoComplete="off"
            defaultValue={isOwn ? kept(values, 'url') : edited ? withNames(edited) : ''}
            problem={isOwn ? fieldProblem(problem, 'url') : undefined}
            hint={edited ? 'Leave a query value empty to keep the stored one.' : undefined}
          />
          {edited ? (
            <label className="flex items-start gap-2">
              <input type="checkbox" name="rotateSecret" className="mt-1" />
              Create a new signing secret. The old one stops working immediately.
            </label>
          ) : null}
          <div className="flex gap-2">
            <Button name="intent" value={edited ? 'edit-webhook' : 'add-webhook'} disabled={busy}>
              {edited ? 'Save the webhook' : 'Add the webhook'}
            </Button>
            {edited ? <LinkButton to="?">Cancel</LinkButton> : null}
          </div>
        </Form>
      ) : null}
    </Card>
  );
}

const withNames = ({ url, queryNames }: Webhook) =>
  queryNames.length > 0 ? `${url}?${queryNames.map((name) => `${encodeURIComponent(name)}=`).join('&')}` : url;

function Confirm({
  id,
  title,
  text,
  name,
  value,
  intent,
  button,
  busy,
}: {
  id: string;
  title: string;
  text: string;
  name: string;
  value: string;
  intent: string;
  button: string;
  busy: boolean;
}) {
  return (
    <section id={id} aria-label={title} className="mt-2 rounded-md border border-fail/50 p-3">
      <p className="font-semibold text-fail">{title}</p>
      <p className="mt-1">{text}</p>
      <Form method="post" action="?" className="mt-2 flex gap-2">
        <input type="hidden" name={name} value={value} />
        <Button variant="danger" name="intent" value={intent} disabled={busy}>
          {button}
        </Button>
        <LinkButton to="?">Cancel</LinkButton>
      </Form>
    </section>
  );
}

/** Shows the signing secret of a webhook once. */
export function SigningSecret({ name, signingSecret }: { name: string; signingSecret: string }) {
  return (
    <section aria-label="The signing secret" className="space-y-3 rounded-lg border border-pass/50 bg-surface p-4">
      <Notice tone="good" alert title={`The webhook “${name}” was saved. This is its signing secret.`}>
        Copy it now: it can't be shown again. What Armature posts is signed with it, as Standard Webhooks describes.
      </Notice>
      <RawText label="Signing secret">{signingSecret}</RawText>
    </section>
  );
}
