import type { Evidence } from '../evidence.ts';
import type { Rule } from '../rule.ts';
import { describe, expectStatus, findAnswer, sessionIdOf, stepRule } from './wire.ts';

const clause = 'MCP 2025-11-25, Transports: Session management';
const sessionless = (evidence: Evidence): string | null =>
  sessionIdOf(evidence) === null ? 'The server gives no session ids.' : null;
const undeletable = (evidence: Evidence): string | null => {
  const status = findAnswer(evidence, 'session.delete')?.answer.status ?? 0;
  return sessionless(evidence) ?? (status >= 300 ? 'The server does not let clients end sessions.' : null);
};

export const sessionRules: readonly Rule[] = [
  stepRule({
    id: 'session-id-characters',
    severity: 'must',
    title: 'Session ids consist of visible ASCII characters',
    clause,
    remedy: 'Use a UUID or another text without spaces and special characters as session id.',
    step: 'session.initialize',
    unless: sessionless,
    check: (_, evidence) =>
      /^[\x21-\x7e]+$/.test(sessionIdOf(evidence) ?? '') ? null : 'The session id contains other characters.',
  }),
  stepRule({
    id: 'session-id-secure',
    severity: 'should',
    title: 'Session ids are long and random',
    clause,
    remedy: 'Create session ids with a secure random generator, such as a UUID of version 4.',
    step: 'session.initialize-unknown-version',
    unless: sessionless,
    check({ answer }, evidence) {
      const [one, other] = [sessionIdOf(evidence) ?? '', answer.headers['mcp-session-id']];
      if (one.length < 16) return `The session id has ${one.length} characters.`;
      if (other === undefined) return null;
      if (one === other) return 'Two sessions have the same id.';
      const shared = [...one].findIndex((character, index) => character !== other[index]);
      return one.length - shared < 8 ? 'The ids of two sessions differ in a few characters only.' : null;
    },
  }),
  stepRule({
    id: 'session-id-required',
    severity: 'should',
    title: 'Requests without their session id are refused with HTTP 400',
    clause,
    remedy: 'Answer requests without Mcp-Session-Id, other than initialize, with HTTP 400.',
    step: 'session.no-session-id',
    unless: (evidence) =>
      sessionless(evidence) ??
      (findAnswer(evidence, 'session.no-session-id')?.result ? 'The server requires no session id.' : null),
    check: (answered) => expectStatus(answered, 400),
  }),
  stepRule({
    id: 'session-unknown',
    severity: 'must',
    title: 'Unknown sessions are answered with HTTP 404',
    clause,
    remedy: 'Answer requests of unknown sessions with HTTP 404: clients then begin a new one.',
    step: 'session.unknown-session',
    unless: sessionless,
    check: (answered) => expectStatus(answered, 404),
  }),
  stepRule({
    id: 'session-delete',
    severity: 'should',
    title: 'DELETE ends a session or is refused with HTTP 405',
    clause,
    remedy: 'Answer DELETE with HTTP 200 or 204, or with HTTP 405.',
    step: 'session.delete',
    unless: sessionless,
    check: ({ answer }) =>
      (answer.status >= 200 && answer.status < 300) || answer.status === 405
        ? null
        : `DELETE was answered by HTTP ${answer.status}.`,
  }),
  stepRule({
    id: 'session-ended',
    severity: 'must',
    title: 'A session that was ended is answered with HTTP 404',
    clause,
    remedy: 'Forget a session at DELETE, and answer its later requests with HTTP 404.',
    step: 'session.after-delete',
    unless: undeletable,
    check: (answered) => expectStatus(answered, 404),
  }),
  stepRule({
    id: 'session-stays',
    severity: 'must',
    title: 'A session outlives wrong requests',
    clause,
    remedy: 'Keep the session when a request in it is wrong.',
    step: 'session.ping-last',
    check: (answered) => (answered.result ? null : `ping after wrong requests was answered by ${describe(answered)}.`),
  }),
];
