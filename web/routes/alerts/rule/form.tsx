import { useRef, useState } from 'react';
import { fieldProblem, type Problem } from '../../../shell/problem.ts';
import { TextLink } from '../../../ui/base/button.tsx';
import { SelectField, TextField } from '../../../ui/form/field.tsx';
import { useHydrated } from '../../../ui/hooks/use-hydrated.ts';
import { type Fields, fromForm, toRuleInput } from './fields.ts';
import { every, ruleSentence, span } from './labels.ts';

export type Choices = {
  workflows: { id: string; name: string }[];
  monitors: { id: string; name: string; serverName: string }[];
  servers: { id: string; name: string }[];
  installations: { id: string; teamName: string; state: string }[];
  webhooks: { id: string; name: string }[];
  emailConfigured: boolean;
};

const reminders = [15, 30, 60, 240, 720, 1440];
const cooldowns = [15, 60, 240, 1440];

/**
 * The fields of a rule, with a sentence below that describes it while typing. Without JavaScript all fields are shown,
 * and those that don't apply to the choices are ignored.
 */
export function RuleFields({
  start,
  choices,
  isBuiltIn = false,
  problem,
  base,
}: {
  start: Fields;
  choices: Choices;
  /** True for the built-in rule, whose target is fixed. */
  isBuiltIn?: boolean;
  problem?: Problem | undefined;
  base: string;
}) {
  const hydrated = useHydrated();
  const box = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState<Fields | null>(null);
  const now = typed ?? start;
  const input = toRuleInput(now);
  const target = isBuiltIn ? { kind: 'installation' } : input.target;
  const shows = (part: 'workflows' | 'monitors' | 'threshold') => {
    if (!hydrated) return !isBuiltIn;
    if (target.kind === 'server' || target.kind === 'all_servers') return true;
    if (part === 'workflows') return target.kind === 'workflow' || target.kind === 'all_workflows';
    if (part === 'monitors') return target.kind === 'monitor' || target.kind === 'all_monitors';
    return target.kind !== 'installation' && target.kind !== 'tool_changes' && target.kind !== 'budget';
  };
  /** Whether the target has nothing else to fail. */
  const only = (what: 'workflow' | 'monitor') => hydrated && (target.kind === what || target.kind === `all_${what}s`);
  const sendsTo = (kind: string) => !hydrated || input.destination.kind === kind;
  const connected = choices.installations.filter(
    ({ id, state }) => state === 'connected' || id === start.get('installationId'),
  );
  return (
    <div
      ref={box}
      className="space-y-6"
      onChange={() => {
        const form = box.current?.closest('form');
        if (form) setTyped(fromForm(new FormData(form)));
      }}
    >
      <TextField
        label="Name"
        name="name"
        required
        maxLength={100}
        placeholder="Search is down"
        autoComplete="off"
        defaultValue={start.get('name')}
        problem={fieldProblem(problem, 'name')}
        hint="Notifications start with this name."
      />
      {isBuiltIn ? null : (
        <SelectField
          label="Target"
          name="target"
          required
          defaultValue={start.get('target')}
          problem={fieldProblem(problem, 'target', 'target.id', 'target.kind')}
        >
          <option value="">Choose …</option>
          <option value="all_monitors">All monitors</option>
          <option value="all_workflows">All workflows</option>
          <option value="all_servers">All servers, with their monitors and workflows</option>
          <option value="tool_changes">Breaking tool changes of all servers</option>
          <option value="budget">Budgets of the workspace and its workflows</option>
          {choices.monitors.length > 0 ? (
            <optgroup label="Monitors">
              {choices.monitors.map(({ id, name, serverName }) => (
                <option key={id} value={`monitor:${id}`}>
                  {name} ({serverName})
                </option>
              ))}
            </optgroup>
          ) : null}
          {choices.workflows.length > 0 ? (
            <optgroup label="Workflows">
              {choices.workflows.map(({ id, name }) => (
                <option key={id} value={`workflow:${id}`}>
                  {name}
                </option>
              ))}
            </optgroup>
          ) : null}
          {choices.servers.length > 0 ? (
            <optgroup label="Servers, with their monitors and workflows">
              {choices.servers.map(({ id, name }) => (
                <option key={id} value={`server:${id}`}>
                  {name}
                </option>
              ))}
            </optgroup>
          ) : null}
          {choices.servers.length > 0 ? (
            <optgroup label="Breaking tool changes of one server">
              {choices.servers.map(({ id, name }) => (
                <option key={id} value={`tool_changes:${id}`}>
                  {name}
                </option>
              ))}
            </optgroup>
          ) : null}
        </SelectField>
      )}
      <fieldset className="space-y-3">
        <legend className="mb-1 font-semibold">Conditions</legend>
        {isBuiltIn ? (
          <p className="text-muted">
            When no worker takes work, when schedules are late, or when a model provider refuses its key.
          </p>
        ) : null}
        {hydrated && target.kind === 'tool_changes' ? (
          <p className="text-muted">
            When a sync finds that a tool was removed, or that its schema changed so that callers may break.
          </p>
        ) : null}
        {hydrated && target.kind === 'budget' ? (
          <p className="text-muted">
            When 80 % of what the workspace or a workflow may use in a month is used. At 100 %, new runs end in an
            error.
          </p>
        ) : null}
        <div hidden={!shows('workflows')} className="space-y-2">
          {only('workflow') ? (
            <p className="text-muted">When a run fails or ends in an error, and also when it</p>
          ) : (
            <p className="text-muted">Of workflows: when a run fails or ends in an error, and also when it</p>
          )}
          <Tick name="onPartial" on={start} text="is partial" />
          <Tick name="onFlagged" on={start} text="called a blocked tool" />
          <Tick name="includeManualRuns" on={start} text="was started manually" />
        </div>
        <div hidden={!shows('monitors')} className="space-y-2">
          {only('monitor') ? (
            <p className="text-muted">When a check fails or has an error, and also when it</p>
          ) : (
            <p className="text-muted">Of monitors: when a check fails or has an error, and also when it</p>
          )}
          <Tick
            name="onDegraded"
            on={start}
            text="is degraded: slower than its threshold, or an assertion is not met"
          />
        </div>
        <div hidden={!shows('threshold')} className="space-y-2">
          <div className="flex flex-wrap items-center gap-2">
            <label className="flex items-center gap-2">
              <input
                type="radio"
                name="threshold"
                value="consecutive"
                defaultChecked={start.get('threshold') !== 'within'}
              />
              In a row:
            </label>
            <Amount name="consecutive" label="Failures in a row" start={start} problem={problem} />
            failures in a row
          </div>
          <div className="flex flex-wrap items-center gap-2">
            <label className="flex items-center gap-2">
              <input
                type="radio"
                name="threshold"
                value="within"
                defaultChecked={start.get('threshold') === 'within'}
              />
              Within a period:
            </label>
            <Amount name="failures" label="Failures" start={start} problem={problem} />
            failures within
            <Amount name="minutes" label="Minutes" most={1440} start={start} problem={problem} />
            minutes
          </div>
          {['conditions.threshold.failures', 'conditions.threshold.minutes'].map((field) => {
            const wrong = fieldProblem(problem, field);
            return wrong ? (
              <p key={field} className="text-fail">
                {wrong}
              </p>
            ) : null;
          })}
        </div>
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField label="Reminders" name="remind" defaultValue={start.get('remind')}>
            <option value="">None</option>
            {withOwn(reminders, start.get('remind')).map((minutes) => (
              <option key={minutes} value={minutes}>
                {every(minutes)}
              </option>
            ))}
          </SelectField>
          <SelectField
            label="Minimum time between notifications"
            name="cooldown"
            defaultValue={start.get('cooldown')}
            hint="How long to wait before notifying about the same subject again."
          >
            <option value="0">none</option>
            {withOwn(cooldowns, start.get('cooldown')).map((minutes) => (
              <option key={minutes} value={minutes}>
                {span(minutes)}
              </option>
            ))}
          </SelectField>
        </div>
        <Tick name="tellRecovery" on={start} text="Notify on recovery" />
      </fieldset>
      <fieldset className="space-y-3">
        <legend className="mb-1 font-semibold">Destination</legend>
        <div className="flex flex-wrap gap-x-6 gap-y-2">
          {(
            [
              ['email', 'E-mail'],
              ['slack', 'Slack'],
              ['webhook', 'Webhook'],
            ] as const
          ).map(([kind, text]) => (
            <label key={kind} className="flex items-center gap-2">
              <input
                type="radio"
                name="destinationKind"
                value={kind}
                defaultChecked={(start.get('destinationKind') || 'email') === kind}
              />
              {text}
            </label>
          ))}
        </div>
        <div hidden={!sendsTo('email')}>
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
        <div hidden={!sendsTo('slack')} className="grid gap-4 sm:grid-cols-2">
          <SelectField
            label="Slack workspace"
            name="installationId"
            defaultValue={start.get('installationId')}
            problem={fieldProblem(problem, 'destination.installationId')}
            hint={
              connected.length === 0
                ? 'No workspace is connected. An admin can connect one on the Alerts page.'
                : undefined
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
        <div hidden={!sendsTo('webhook')}>
          <SelectField
            label="Webhook"
            name="webhookId"
            defaultValue={start.get('webhookId')}
            problem={fieldProblem(problem, 'destination.webhookId')}
            hint={
              choices.webhooks.length === 0 ? 'No webhooks yet. An admin can add one on the Alerts page.' : undefined
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
      </fieldset>
      <p className="rounded-md border border-line bg-sunken px-4 py-3" aria-live="polite" data-sentence>
        {ruleSentence({
          target: { kind: target.kind, name: nameOf(target, choices) },
          conditions: input.conditions,
          to: receiver(input.destination, choices),
        })}
      </p>
    </div>
  );
}

function Tick({ name, on, text }: { name: string; on: Fields; text: string }) {
  return (
    <label className="flex items-start gap-2">
      <input type="checkbox" name={name} defaultChecked={on.has(name)} className="mt-1" />
      {text}
    </label>
  );
}

function Amount({
  name,
  label,
  most = 100,
  start,
  problem,
}: {
  name: string;
  label: string;
  most?: number;
  start: Fields;
  problem: Problem | undefined;
}) {
  const wrong = fieldProblem(problem, `conditions.threshold.${name === 'minutes' ? 'minutes' : 'failures'}`);
  return (
    <input
      type="number"
      name={name}
      aria-label={label}
      aria-invalid={wrong ? true : undefined}
      min={1}
      max={most}
      defaultValue={start.get(name)}
      className="w-20 rounded-md border border-field bg-surface px-2 py-1"
    />
  );
}

/** Keeps a period that another client chose and the list lacks. */
const withOwn = (periods: readonly number[], own: string): number[] => {
  const minutes = Number(own);
  return own === '' || minutes === 0 || !Number.isInteger(minutes) || periods.includes(minutes)
    ? [...periods]
    : [...periods, minutes].sort((a, b) => a - b);
};

function nameOf(target: { kind: string; id?: string | null }, { workflows, monitors, servers }: Choices) {
  const all = target.kind === 'workflow' ? workflows : target.kind === 'monitor' ? monitors : servers;
  return all.find(({ id }) => id === target.id)?.name ?? null;
}

function receiver(
  destination: ReturnType<typeof toRuleInput>['destination'],
  { installations, webhooks }: Choices,
): string | null {
  switch (destination.kind) {
    case 'email':
      return destination.address;
    case 'webhook': {
      const webhook = webhooks.find(({ id }) => id === destination.webhookId);
      return webhook ? `webhook “${webhook.name}”` : null;
    }
    case 'slack': {
      // A select without a chosen value shows its first option.
      const at = installations.find(({ id }) => id === destination.installationId);
      return destination.channel ? `${destination.channel}${at ? ` in ${at.teamName}` : ''}` : null;
    }
  }
}
