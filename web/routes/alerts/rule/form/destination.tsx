import { fieldProblem } from '../../../../shell/problem.ts';
import { TextLink } from '../../../../ui/base/button.tsx';
import { SelectField, TextField } from '../../../../ui/form/field.tsx';
import type { Choices } from '../choices.server.ts';
import { type PartProps, Section, unlessShown } from './parts.tsx';

const kinds = [
  ['email', 'E-mail'],
  ['slack', 'Slack'],
  ['webhook', 'Webhook'],
] as const;

/** @param props.shows whether the fields of a kind apply. Without JavaScript all are shown */
export function DestinationSection({
  start,
  problem,
  choices,
  base,
  shows,
}: PartProps & { choices: Choices; base: string; shows: (kind: string) => boolean }) {
  const connected = choices.installations.filter(
    ({ id, state }) => state === 'connected' || id === start.get('installationId'),
  );
  return (
    <Section title="Who is notified">
      <fieldset className="flex flex-wrap gap-x-6 gap-y-2">
        <legend className="sr-only">Send by</legend>
        {kinds.map(([kind, text]) => (
          <label key={kind} className="flex min-h-11 items-center gap-2 md:min-h-6">
            <input
              type="radio"
              name="destinationKind"
              value={kind}
              defaultChecked={(start.get('destinationKind') || 'email') === kind}
            />
            {text}
          </label>
        ))}
      </fieldset>
      <div className={unlessShown(shows('email'))}>
        <TextField
          label="Address"
          name="address"
          type="email"
          maxLength={254}
          autoComplete="email"
          defaultValue={start.get('address')}
          problem={fieldProblem(problem, 'destination.address')}
          hint={
            choices.emailConfigured ? undefined : (
              <>
                No e-mail provider is set up: messages go to the{' '}
                <TextLink to={`${base}/alerts/outbox`}>outbox</TextLink>.
              </>
            )
          }
        />
      </div>
      <div className={`${shows('slack') ? 'grid' : 'hidden noscript:grid'} gap-4 sm:grid-cols-2`}>
        <SelectField
          label="Slack workspace"
          name="installationId"
          defaultValue={start.get('installationId')}
          problem={fieldProblem(problem, 'destination.installationId')}
          hint={
            connected.length === 0 ? (
              <>
                Connect one in <TextLink to={`${base}/settings/slack`}>Settings</TextLink>.
              </>
            ) : undefined
          }
        >
          {connected.length === 0 ? <option value="">No workspace is connected</option> : null}
          {connected.map(({ id, teamName, state }) => (
            <option key={id} value={id}>
              {teamName}
              {state === 'connected' ? '' : ' (disconnected)'}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Channel or user"
          name="channel"
          placeholder="#alerts"
          maxLength={82}
          autoComplete="off"
          defaultValue={start.get('channel')}
          problem={fieldProblem(problem, 'destination.channel')}
          hint="#name of a public channel, the id of a private one (invite the app first), or a user's id."
        />
      </div>
      <div className={unlessShown(shows('webhook'))}>
        <SelectField
          label="Webhook"
          name="webhookId"
          defaultValue={start.get('webhookId')}
          problem={fieldProblem(problem, 'destination.webhookId')}
          hint={
            choices.webhooks.length === 0 ? (
              <>
                Add one under <TextLink to={`${base}/alerts/destinations`}>Destinations</TextLink>.
              </>
            ) : undefined
          }
        >
          {choices.webhooks.length === 0 ? <option value="">No webhooks yet</option> : null}
          {choices.webhooks.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      </div>
    </Section>
  );
}
