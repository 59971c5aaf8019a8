import type { Area, Severity } from '../../../../domain/report/rule.ts';

export const areaLabels: { [area in Area]: string } = {
  conformance: 'Conformance',
  quality: 'Quality of the tools',
  safety: 'Safety',
};

export const severityLabels: { [severity in Severity]: string } = {
  must: 'Must',
  should: 'Should',
  advice: 'Advice',
};

/** The request of a survey, in words: `session.unknown-method` → "unknown method, with a session". */
export function subjectLabel(subject: string): string {
  const [, era, step] = /^(session|stateless|auth)\.([a-z-]+)$/.exec(subject) ?? [];
  if (era === undefined || step === undefined) return subject === '' ? 'The server' : subject;
  const words = step.replaceAll('-', ' ');
  if (era === 'auth') return `Request with ${words === 'none' ? 'no credentials' : words}`;
  return `Request “${words}” ${era === 'session' ? 'with' : 'without'} a session`;
}
