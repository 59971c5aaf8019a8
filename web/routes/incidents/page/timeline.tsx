import type { ReactNode } from 'react';
import type { TimelineEntry } from '../../../../services/incident/timeline.ts';
import type { IncidentView } from '../../../../services/incident/view.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { TextLink } from '../../../ui/base/button.tsx';
import type { Format } from '../../../ui/base/format.ts';
import { StateLabel, type Status, StatusIcon, statusLooks } from '../../../ui/base/status-chip.tsx';
import { Code } from '../../../ui/base/text.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { deliveryStateLabels } from '../../alerts/delivery-labels.ts';
import { errorKindLabels } from '../../monitors/labels.ts';
import { closeReasonLabels } from '../labels.ts';

type Of<Type extends TimelineEntry['type']> = Extract<TimelineEntry, { type: Type }>;
type Line = { status?: Status; what: ReactNode; more?: ReactNode };

/** What happened around an incident, oldest first. What came before it may be its cause. */
export function Timeline({
  entries,
  incident,
  base,
}: {
  entries: TimelineEntry[];
  incident: IncidentView;
  base: string;
}) {
  const format = useFormat();
  const opened = entries.findIndex(({ type }) => type === 'opened');
  const parts = [
    { title: 'Before it opened', entries: entries.slice(0, opened) },
    { title: 'Since it opened', entries: entries.slice(opened) },
  ];
  return parts.map(({ title, entries: some }) =>
    some.length === 0 ? null : (
      <section key={title} aria-label={title} className="px-4 pt-3 pb-1 not-first:border-line not-first:border-t">
        <h3 className="mb-2 text-muted text-xs">{title}</h3>
        <ol>
          {some.map((entry, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: entries are only added at the end
            <Entry key={index} at={entry.at} line={toLine(entry, { incident, base, format })} />
          ))}
        </ol>
      </section>
    ),
  );
}

function Entry({ at, line: { status, what, more } }: { at: string; line: Line }) {
  return (
    <li className="relative flex gap-3 pb-3 text-table before:absolute before:top-4 before:bottom-0 before:left-[7px] before:w-px before:bg-line last:before:hidden">
      <span className="grid size-4 shrink-0 translate-y-0.5 place-items-center">
        {status ? (
          <span className={statusLooks[status].chip.replace(/bg-\S+/, 'bg-surface')}>
            <StatusIcon status={status} />
          </span>
        ) : (
          <span aria-hidden="true" className="size-1.5 rounded-full bg-field" />
        )}
      </span>
      <div className="min-w-0 flex-1 sm:flex sm:gap-4">
        <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">
          {what}
          {more}
        </div>
        <span className="shrink-0 text-muted text-xs sm:leading-5">
          <Time at={at} />
        </span>
      </div>
    </li>
  );
}

function toLine(
  entry: TimelineEntry,
  { incident, base, format }: { incident: IncidentView; base: string; format: Format },
): Line {
  switch (entry.type) {
    case 'tool_changed':
      return toChangeLine(entry, incident, base);
    case 'version_saved':
      return {
        what: (
          <>
            <TextLink to={`${base}/workflows/${incident.subject.workflowId}/versions/${entry.versionId}`}>
              Version {entry.number}
            </TextLink>{' '}
            of the workflow was saved
          </>
        ),
      };
    case 'maintenance':
      return {
        what: (
          <>
            Maintenance of {entry.allServers ? 'all servers' : 'the server'} until <Time at={entry.until} />
          </>
        ),
        ...(entry.reason && { more: <p className="text-muted">{entry.reason}</p> }),
      };
    case 'checks':
      return toChecksLine(entry, format);
    case 'runs':
      return toRunsLine(entry, base, format);
    case 'opened':
      return {
        status: incident.level === 'warn' ? 'partial' : 'fail',
        what: <strong className="font-medium">The incident opened</strong>,
      };
    case 'update':
      return toUpdateLine(entry);
    case 'notification':
      return {
        what: (
          <>
            {notified[entry.kind]} by the rule{' '}
            <TextLink to={`${base}/alerts/rules/${entry.ruleId}`}>{entry.ruleName}</TextLink>{' '}
            <StateLabel>{deliveryStateLabels[entry.state]}</StateLabel>
          </>
        ),
        ...(entry.error && { more: <p className="text-muted">{entry.error}</p> }),
      };
    case 'closed':
      return {
        ...(entry.reason === 'recovered' && { status: 'pass' as const }),
        what: (
          <strong className="font-medium">
            {entry.by ? `Closed by ${toName(entry.by)}` : closeReasonLabels[entry.reason]}
          </strong>
        ),
      };
  }
}

const notified: { [kind in Of<'notification'>['kind']]: string } = {
  opened: 'Notified',
  reminder: 'Reminded',
  flapping: 'Notified as flapping',
  recovered: 'Notified of the recovery',
  closed: 'Notified of the end',
  test: 'Tested',
};

const changes: { [kind: string]: string } = {
  added: 'was added',
  removed: 'was removed',
  title_changed: 'has a new title',
  description_changed: 'has a new description',
  input_schema_changed: 'takes other arguments',
  output_schema_changed: 'answers in another shape',
  annotations_changed: 'has other annotations',
};

function toChangeLine({ tool, change, breaking }: Of<'tool_changed'>, { subject }: IncidentView, base: string): Line {
  const words = changes[change] ?? 'changed';
  return {
    what: (
      <>
        The tool <Code>{tool}</Code>{' '}
        {subject.serverId ? <TextLink to={`${base}/servers/${subject.serverId}`}>{words}</TextLink> : words}{' '}
        {breaking ? <StateLabel>Breaking</StateLabel> : null}
      </>
    ),
  };
}

function toChecksLine({ outcome, errorKind, count, at, until }: Of<'checks'>, format: Format): Line {
  const words = { pass: 'passed', degraded: 'passed, degraded', fail: 'failed', error: 'ended in an error' };
  return {
    status: outcome === 'degraded' ? 'partial' : outcome,
    what: (
      <>
        {format.count(count, 'check')} {words[outcome]}
        {errorKind ? `: ${errorKindLabels(errorKind)}` : ''}
        <Until at={at} until={until} />
      </>
    ),
  };
}

function toRunsLine({ status, count, at, until, latestRunId }: Of<'runs'>, base: string, format: Format): Line {
  const words = { pass: 'passed', partial: 'passed in part', fail: 'failed', error: 'ended in an error' };
  const isKnown = status === 'pass' || status === 'partial' || status === 'fail' || status === 'error';
  return {
    status,
    what: (
      <>
        <TextLink to={`${base}/runs/${latestRunId}`}>{format.count(count, 'run')}</TextLink>{' '}
        {isKnown ? words[status] : 'was canceled'}
        <Until at={at} until={until} />
      </>
    ),
  };
}

function Until({ at, until }: { at: string; until: string }) {
  if (at === until) return null;
  return (
    <span className="text-muted">
      , until <Time at={until} />
    </span>
  );
}

function toUpdateLine({ kind, by, text, assignee }: Of<'update'>): Line {
  const who = <strong className="font-medium">{by ? toName(by) : 'Armature'}</strong>;
  switch (kind) {
    case 'acknowledged':
      return { what: <>{who} acknowledged it</> };
    case 'unacknowledged':
      return { what: <>{who} took the acknowledgement back</> };
    case 'assigned':
      return assignee === null
        ? { what: <>{who} assigned it to nobody</> }
        : assignee.userId === by?.id
          ? { what: <>{who} took it over</> }
          : {
              what: (
                <>
                  {who} assigned it to {assignee.name ?? 'a former member'}
                </>
              ),
            };
    case 'note':
      return {
        what: <>{who} wrote</>,
        more: <p className="mt-1 max-w-prose rounded-md bg-sunken px-3 py-2 whitespace-pre-wrap">{text}</p>,
      };
  }
}

const kinds: { [kind: string]: string } = {
  member: 'a former member',
  api_key: 'a deleted API key',
  slack: 'somebody in Slack',
  system: 'Armature',
};

export const toName = ({ kind, name }: { kind: string; name: string | null }): string =>
  name ?? kinds[kind] ?? 'somebody';
