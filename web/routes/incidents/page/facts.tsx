import type { ReactNode } from 'react';
import { Form, useNavigation } from 'react-router';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { Button, TextLink } from '../../../ui/base/button.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { Combobox } from '../../../ui/form/combobox.tsx';
import { SelectField } from '../../../ui/form/field.tsx';
import { subjectKindLabels, subjectPath } from '../labels.ts';
import type { IncidentPageData } from './page.tsx';

/** What it is about, who handles it, and who is notified. */
export function IncidentFacts({ found, base }: { found: IncidentPageData; base: string }) {
  const format = useFormat();
  const { incident, rules, mayEdit } = found;
  const { subject, serverName } = incident;
  const path = subjectPath(subject);
  const isMonitor = subject.kind === 'monitor';
  return (
    <>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 text-table">
        <Fact term={subjectKindLabels[subject.kind]}>
          {path ? <TextLink to={`${base}/${path}`}>{subject.name}</TextLink> : subject.name}
        </Fact>
        {subject.model ? <Fact term="Model">{subject.model}</Fact> : null}
        {serverName && subject.serverId && subject.kind !== 'server' ? (
          <Fact term="Server">
            <TextLink to={`${base}/servers/${subject.serverId}`}>{serverName}</TextLink>
          </Fact>
        ) : null}
        <Fact term="Opened">
          <Time at={incident.openedAt} />
        </Fact>
        <Fact term={incident.closedAt ? 'Closed' : 'Last failure'}>
          <Time at={incident.closedAt ?? incident.lastFailedAt} />
        </Fact>
        <Fact term={isMonitor ? 'Failed checks' : 'Failures'}>{format.number(incident.failureCount)}</Fact>
      </dl>
      <Assignee found={found} />
      <section aria-label="Notifications" className="space-y-2 text-table">
        <h2 className="font-semibold text-sm">Notifications</h2>
        {rules.length === 0 ? (
          <p className="text-muted">
            {incident.state === 'open'
              ? 'No one is notified: no rule matches it so far.'
              : 'No one was notified: no rule matched it.'}{' '}
            <TextLink to={`${base}/alerts`}>Alert rules</TextLink>
          </p>
        ) : (
          <ul className="space-y-1">
            {rules.map(({ id, name, mutedUntil }) => (
              <li key={id} className="[overflow-wrap:anywhere]">
                <TextLink to={`${base}/alerts/rules/${id}`}>{name}</TextLink>
                {mutedUntil ? (
                  <span className="text-muted">
                    {' '}
                    · muted until <Time at={mutedUntil} />
                  </span>
                ) : null}
              </li>
            ))}
          </ul>
        )}
        {incident.acknowledgedAt && incident.state === 'open' ? (
          <p className="text-muted">Acknowledged, so no reminders are sent.</p>
        ) : null}
        {mayEdit && rules.length > 0 && incident.state === 'open' ? <Mute rules={rules} /> : null}
      </section>
    </>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted text-xs">{term}</dt>
      <dd className="mt-0.5 [overflow-wrap:anywhere]">{children}</dd>
    </div>
  );
}

function Assignee({ found: { incident, members, ownId, mayEdit } }: { found: IncidentPageData }) {
  const busy = useNavigation().state !== 'idle';
  const { assignee } = incident;
  if (!mayEdit)
    return (
      <div className="text-table">
        <h2 className="font-semibold text-sm">Assignee</h2>
        <p>{assignee ? (assignee.name ?? 'A former member') : 'Nobody'}</p>
      </div>
    );
  const isGone = assignee !== null && !members.some(({ userId }) => userId === assignee.userId);
  const options = [
    ...(isGone ? [{ value: assignee.userId, text: assignee.name ?? 'A former member' }] : []),
    ...members.map(({ userId, name }) => ({ value: userId, text: userId === ownId ? `${name} (you)` : name })),
  ];
  return (
    <Form method="post" className="flex items-end gap-2" key={assignee?.userId}>
      <div className="min-w-0 flex-1">
        <Combobox label="Assignee" name="userId" options={options} defaultValue={assignee?.userId ?? ''} any="Nobody" />
      </div>
      <Button name="intent" value="assign" disabled={busy}>
        Assign
      </Button>
    </Form>
  );
}

const muteMinutes = [60, 240, 1440];

function Mute({ rules }: Pick<IncidentPageData, 'rules'>) {
  const format = useFormat();
  const busy = useNavigation().state !== 'idle';
  const isMuted = rules.every(({ mutedUntil }) => mutedUntil !== null);
  const ids = rules.map(({ id }) => id).join(' ');
  if (isMuted)
    return (
      <Form method="post">
        <input type="hidden" name="rules" value={ids} />
        <input type="hidden" name="minutes" value="0" />
        <Button name="intent" value="mute" disabled={busy}>
          Unmute
        </Button>
      </Form>
    );
  return (
    <Form method="post" className="space-y-1">
      <input type="hidden" name="rules" value={ids} />
      <div className="flex items-end gap-2">
        <div className="min-w-0 flex-1">
          <SelectField
            label={rules.length === 1 ? 'Mute this rule for' : `Mute these ${rules.length} rules for`}
            name="minutes"
          >
            {muteMinutes.map((minutes) => (
              <option key={minutes} value={minutes}>
                {format.duration(minutes * 60_000)}
              </option>
            ))}
          </SelectField>
        </div>
        <Button name="intent" value="mute" disabled={busy}>
          Mute
        </Button>
      </div>
      <p className="text-muted text-xs">
        Also for everything else they watch. What is open then is notified afterwards.
      </p>
    </Form>
  );
}
