import type { EndReason, IncidentCause, IncidentLevel, SubjectKind } from '../incident/incident.ts';
import { isClosing } from './delivery.ts';
import type { AlertMessage } from './message.ts';
import type { DeliveryKind } from './rule.ts';

/** The subject of an incident, with its display name. Names are untrusted. */
export type IncidentSubject = {
  kind: SubjectKind;
  /** Of the monitor, workflow, server, tool, or part of the installation. */
  name: string;
  model: string | null;
  serverId: string | null;
  monitorId: string | null;
  workflowId: string | null;
};

const maxLineLength = 300;
const maxTitleLength = 200;
const maxLines = 12;

/** One line that can be stored and shown: no line breaks, no NUL, no lone surrogates, cut to its maximum length. */
export const line = (text: string, longest = maxLineLength): string => {
  const flat = text.replaceAll('\u0000', '\ufffd').toWellFormed().replaceAll(/\s+/g, ' ').trim();
  return flat.length > longest ? `${flat.slice(0, longest - 1).toWellFormed()}…` : flat;
};

/** What broke, in one line. */
export function summarize(
  kind: SubjectKind,
  { outcome, errorKind, reason, message, failingCriteria, changes, servers, serverCount }: IncidentCause,
): string {
  const said = message ? `: ${message}` : '.';
  switch (kind) {
    case 'monitor':
      if (outcome === 'fail') return line(`The tool answered with an error${said}`);
      if (outcome === 'degraded') return line(`The tool answers, but ${message ?? 'not as it should'}`);
      return line(`No result${errorKind ? ` (${words(errorKind)})` : ''}${said}`);
    case 'workflow': {
      if (outcome === 'flagged') return line(`The agent called a blocked tool${said}`);
      if (outcome === 'error')
        return line(`The run ended in an error${errorKind ? ` (${words(errorKind)})` : ''}${said}`);
      const verb = outcome === 'partial' ? 'met only in part' : 'not met';
      const [first, ...more] = failingCriteria ?? [];
      if (first === undefined) return line(`A criterion was ${verb}.`);
      return line(`${more.length > 0 ? `${more.length + 1} criteria were` : 'A criterion was'} ${verb}: ${first}`);
    }
    case 'server':
      return line(`No check gets an answer${reason ? ` (${reason})` : ''}${said}`);
    case 'auth_profile':
      if (outcome.startsWith('sign_in_')) return line(message ?? 'The sign-in has ended. Sign in again.');
      return line(`Every check with this auth profile is refused${reason ? ` (${reason})` : ''}${said}`);
    case 'all_servers':
      return line(
        `${servers?.length ?? 0} of ${serverCount ?? 0} servers do not answer at the same time. Perhaps Armature itself has lost its network.`,
      );
    case 'tool_change':
      return line(`The tool changed in a breaking way: ${changes?.[0] ?? message ?? outcome}`);
    case 'report':
      return line(`The report has a new finding: ${changes?.[0] ?? outcome}`);
    case 'budget':
    case 'installation':
      return line(message ?? words(outcome));
  }
}

/** The parts of a message that say what happened, for one notification of a rule. */
export function toAlertMessage(of: {
  kind: DeliveryKind;
  organization: { name: string; slug: string };
  ruleName: string;
  level: IncidentLevel;
  subject: IncidentSubject;
  serverName: string | null;
  incidentId: string;
  summary: string;
  cause: IncidentCause;
  openedAt: Date;
  closedAt: Date | null;
  failureCount: number;
  /** Of kind `closed`: what happened, to what. */
  end?: { reason: EndReason; of: 'subject' | 'rule' } | undefined;
  /** Of a recovery that is notified late: its subject has another incident by now. */
  failsAgain?: boolean;
}): AlertMessage {
  const { kind, organization, subject, cause, incidentId } = of;
  const at = (path: string) => `/o/${organization.slug}/${path}`;
  const { runId = null } = cause;
  const own = ownPath(subject);
  return {
    kind,
    reason: of.end?.reason ?? null,
    organization: { name: line(organization.name), slug: organization.slug },
    ruleName: line(of.ruleName),
    level: of.level,
    subject: { kind: subject.kind, name: line(subject.name, 120), path: at(own?.path ?? `incidents/${incidentId}`) },
    serverName: of.serverName === null ? null : line(of.serverName, 120),
    title: buildTitle(of),
    lines: buildLines(of),
    since: of.openedAt.toISOString(),
    endedAt: isClosing(kind) ? (of.closedAt?.toISOString() ?? null) : null,
    failureCount: of.failureCount,
    incidentId,
    links: [
      { text: 'Open incident', path: at(`incidents/${incidentId}`) },
      ...(runId === null ? [] : [{ text: 'Open run', path: at(`runs/${runId}`) }]),
      ...(own ? [{ text: own.text, path: at(own.path) }] : []),
    ],
    workflowId: subject.workflowId,
    monitorId: subject.monitorId,
    runId,
  };
}

function ownPath({ kind, monitorId, workflowId, serverId }: IncidentSubject): { text: string; path: string } | null {
  if (kind === 'monitor' && monitorId) return { text: 'Open monitor', path: `monitors/${monitorId}` };
  if (kind === 'workflow' && workflowId) return { text: 'Open workflow', path: `workflows/${workflowId}` };
  if (kind === 'budget') return { text: 'Open plan', path: 'settings/plan' };
  return serverId ? { text: 'Open server', path: `servers/${serverId}` } : null;
}

type Told = Parameters<typeof toAlertMessage>[0];

function buildTitle({ kind, end, failsAgain, ...of }: Told): string {
  const { what, broke, back } = listPhrases(of);
  switch (kind) {
    case 'recovered':
      return line(`${what} ${back}${failsAgain ? ', but fails again' : ''}`, maxTitleLength);
    case 'closed':
      return line(`${what}: alert closed (${end?.reason ?? 'changed'})`, maxTitleLength);
    case 'flapping':
      return line(`${what} is flapping: it fails and recovers again and again`, maxTitleLength);
    case 'reminder':
      return line(`Still: ${what} ${broke}`, maxTitleLength);
    default:
      return line(`${what} ${broke}`, maxTitleLength);
  }
}

/** What is wrong with a part of Armature, by the outcome of its cause (services/installation/watch.ts). */
const installationPhrases: { [outcome: string]: { broke: string; back: string } } = {
  worker: { broke: 'has no running worker', back: 'has a running worker again' },
  schedules: { broke: 'is late with checks or runs', back: 'is on time again' },
  provider: { broke: "can't use a model provider", back: 'can use the model provider again' },
};

function listPhrases({
  level,
  subject: { kind, name, model },
  serverName,
  cause: { reason, outcome, servers, serverCount },
}: Omit<Told, 'kind'>) {
  const back = 'has recovered';
  const short = line(name, 120);
  switch (kind) {
    case 'monitor':
      return { what: `Monitor ${short}`, broke: level === 'warn' ? 'is degraded' : 'fails', back };
    case 'workflow': {
      const what = `Workflow ${short}${model ? ` with ${line(model, 60)}` : ''}`;
      return { what, broke: level === 'warn' ? 'passes only in part' : 'fails', back };
    }
    case 'server':
      return { what: `Server ${short}`, broke: `does not answer${reason ? `: ${reason}` : ''}`, back: 'answers again' };
    case 'auth_profile':
      return {
        what: `Auth profile ${short}${serverName ? ` of ${line(serverName, 60)}` : ''}`,
        broke:
          outcome === 'sign_in_ends'
            ? 'has to be signed in again soon'
            : outcome === 'sign_in_ended'
              ? 'is no longer signed in'
              : `is refused${reason ? `: ${reason}` : ''}`,
        back: outcome.startsWith('sign_in_') ? 'is signed in again' : 'is accepted again',
      };
    case 'all_servers': {
      const count = `${servers?.length ?? 0} of ${serverCount ?? 0} servers`;
      return { what: 'Outage', broke: `of ${count}: they do not answer`, back: `of ${count} is over` };
    }
    case 'tool_change':
      return {
        what: `Tool ${short}${serverName ? ` of ${line(serverName, 60)}` : ''}`,
        broke: 'changed in a breaking way',
        back: 'is compatible again',
      };
    case 'report':
      return {
        what: `Report on ${short}`,
        broke: 'has a finding that must be corrected',
        back: 'has no new findings any more',
      };
    case 'budget':
      return {
        what: `Budget of ${short}`,
        broke: level === 'warn' ? 'is nearly used up' : 'is used up: new runs end in an error',
        back: 'has room again',
      };
    case 'installation':
      return { what: 'Armature', ...(installationPhrases[outcome] ?? { broke: `has a problem: ${short}`, back }) };
  }
}

/** What ended the notifications, as a sentence. */
const endSentences: { [of in 'subject' | 'rule']: { [reason in EndReason]: string } } = {
  subject: {
    accepted: 'Somebody closed the incident.',
    paused: 'It was paused, so it is no longer tested.',
    deleted: 'It was deleted.',
    changed: 'It was changed, and this is no longer tested.',
  },
  rule: {
    accepted: 'Somebody closed the incident.',
    paused: 'The alert rule was paused. The incident may still be open.',
    deleted: 'The alert rule was deleted. The incident may still be open.',
    changed: 'The alert rule was changed. The incident may still be open.',
  },
};

function buildLines({ kind, summary, cause, end, failsAgain }: Told): string[] {
  const { failingCriteria = [], changes = [] } = cause;
  const names = joinNames(cause.servers?.map(({ name }) => name) ?? []);
  const details = [...failingCriteria, ...changes, ...names].map((each) => line(each));
  const was = line(`It was: ${summary}`);
  if (kind === 'recovered') return failsAgain ? [was, 'It has another incident by now.'] : [was];
  if (kind === 'closed' && end) return [endSentences[end.of][end.reason], was];
  const all = [line(summary), ...(details.length > 1 || names.length > 0 ? details : [])];
  if (all.length <= maxLines) return all;
  return [...all.slice(0, maxLines - 1), `and ${all.length - maxLines + 1} more`];
}

const words = (name: string): string => name.replaceAll('_', ' ');

/** Names as lines of several. */
function joinNames(names: readonly string[]): string[] {
  const lines: string[] = [];
  for (const name of names) {
    const short = line(name, 80);
    const longer = `${lines.at(-1) ?? ''}, ${short}`;
    if (lines.length === 0 || longer.length > maxLineLength) lines.push(short);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
