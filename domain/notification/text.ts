import type { IncidentCause, IncidentLevel, SubjectKind } from '../incident/incident.ts';
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
  { outcome, errorKind, message, failingCriteria, changes }: IncidentCause,
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
      return line(`No check gets an answer${errorKind ? ` (${words(errorKind)})` : ''}${said}`);
    case 'tool_change':
      return line(`The tool changed in a breaking way: ${changes?.[0] ?? message ?? outcome}`);
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
}): AlertMessage {
  const { kind, organization, subject, cause, incidentId } = of;
  const at = (path: string) => `/o/${organization.slug}/${path}`;
  const { runId = null } = cause;
  const own = ownPath(subject);
  return {
    kind,
    organization: { name: line(organization.name), slug: organization.slug },
    ruleName: line(of.ruleName),
    level: of.level,
    subject: { kind: subject.kind, name: line(subject.name, 120), path: at(own?.path ?? `incidents/${incidentId}`) },
    serverName: of.serverName === null ? null : line(of.serverName, 120),
    title: buildTitle(kind, of.level, subject, of.serverName),
    lines: buildLines(kind, of.summary, cause),
    since: of.openedAt.toISOString(),
    endedAt: kind === 'recovered' ? (of.closedAt?.toISOString() ?? null) : null,
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
  return serverId ? { text: 'Open server', path: `servers/${serverId}` } : null;
}

function buildTitle(
  kind: DeliveryKind,
  level: IncidentLevel,
  subject: IncidentSubject,
  serverName: string | null,
): string {
  const { what, broke, back } = listPhrases(level, subject, serverName);
  switch (kind) {
    case 'recovered':
      return line(`${what} ${back}`, maxTitleLength);
    case 'flapping':
      return line(`${what} is flapping: it fails and recovers again and again`, maxTitleLength);
    case 'reminder':
      return line(`Still: ${what} ${broke}`, maxTitleLength);
    default:
      return line(`${what} ${broke}`, maxTitleLength);
  }
}

function listPhrases(level: IncidentLevel, { kind, name, model }: IncidentSubject, serverName: string | null) {
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
      return { what: `Server ${short}`, broke: 'does not answer', back: 'answers again' };
    case 'tool_change':
      return {
        what: `Tool ${short}${serverName ? ` of ${line(serverName, 60)}` : ''}`,
        broke: 'changed in a breaking way',
        back: 'is compatible again',
      };
    case 'installation':
      return { what: `Armature: ${short}`, broke: 'has a problem', back: 'works again' };
  }
}

function buildLines(kind: DeliveryKind, summary: string, cause: IncidentCause): string[] {
  const { failingCriteria = [], changes = [] } = cause;
  const details = [...failingCriteria, ...changes].map((each) => line(each));
  if (kind === 'recovered') return [line(`It was: ${summary}`)];
  const all = [line(summary), ...(details.length > 1 ? details : [])];
  if (all.length <= maxLines) return all;
  return [...all.slice(0, maxLines - 1), `and ${all.length - maxLines + 1} more`];
}

const words = (name: string): string => name.replaceAll('_', ' ');
