import type { Era } from '../evidence.ts';
import type { Rule } from '../rule.ts';
import { describe, everyRule, expectCode, expectStatus, stepRule, titles, undeclared } from './wire.ts';

const revision: { [era in Era]: string } = { session: 'MCP 2025-11-25', stateless: 'MCP 2026-07-28' };
const hasError = ({ error }: { error: Map<string, unknown> | null }): boolean => error !== null;

const inEra = (era: Era): Rule[] => [
  stepRule({
    id: `${era}-unknown-method`,
    severity: 'must',
    title: `Unknown methods are answered with error -32601, ${titles[era]}`,
    clause: 'JSON-RPC 2.0: Error object',
    remedy: 'Answer methods that do not exist with error -32601.',
    step: `${era}.unknown-method`,
    check: (answered) => expectCode(answered, -32601),
  }),
  stepRule({
    id: `${era}-parse-error`,
    severity: 'should',
    title: `Broken JSON is answered with error -32700 or HTTP 400, ${titles[era]}`,
    clause: 'JSON-RPC 2.0: Error object',
    remedy: 'Answer a body that is not JSON with HTTP 400 and error -32700.',
    step: `${era}.parse-error`,
    check: (answered) => (answered.error?.get('code') === -32700 ? null : expectStatus(answered, 400)),
  }),
  stepRule({
    id: `${era}-invalid-request`,
    severity: 'should',
    title: `JSON that is not JSON-RPC is refused, ${titles[era]}`,
    clause: 'JSON-RPC 2.0: Error object',
    remedy: 'Answer JSON without a method with HTTP 400 and error -32600.',
    step: `${era}.invalid-request`,
    check: (answered) =>
      answered.error || (answered.answer.status >= 400 && answered.answer.status < 500)
        ? null
        : `It was answered by HTTP ${answered.answer.status}.`,
  }),
  everyRule({
    era,
    id: `${era}-no-crash`,
    severity: 'should',
    title: `Wrong requests are not answered with HTTP 5xx, ${titles[era]}`,
    clause: 'RFC 9110, 15.6',
    remedy: 'Answer wrong requests with an error of the 400s; HTTP 5xx is for faults of the server.',
    check: ({ answer }) =>
      answer.status >= 500 && answer.status !== 501 ? `The server answered with HTTP ${answer.status}.` : null,
  }),
  everyRule({
    era,
    id: `${era}-error-code`,
    severity: 'must',
    title: `Error codes are whole numbers, ${titles[era]}`,
    clause: `${revision[era]}, Messages: Error responses`,
    remedy: 'Make error.code a whole number.',
    looksAt: hasError,
    check: ({ error }) =>
      Number.isInteger(error?.get('code')) ? null : `error.code is ${JSON.stringify(error?.get('code'))}.`,
  }),
  everyRule({
    era,
    id: `${era}-error-message`,
    severity: 'must',
    title: `Errors have a message, ${titles[era]}`,
    clause: `${revision[era]}, Messages: Error responses`,
    remedy: 'Say in error.message what is wrong.',
    looksAt: hasError,
    check({ error }) {
      const message = error?.get('message');
      return typeof message === 'string' && message.trim() !== ''
        ? null
        : `error.message is ${JSON.stringify(message)}.`;
    },
  }),
  stepRule({
    id: `${era}-bad-cursor`,
    severity: 'should',
    title: `An invalid cursor is refused with error -32602, ${titles[era]}`,
    clause: `${revision[era]}, Pagination: Error handling`,
    remedy: 'Answer unknown cursors with error -32602.',
    step: `${era}.bad-cursor`,
    unless: undeclared(era, 'tools'),
    check: (answered) => expectCode(answered, -32602),
  }),
  stepRule({
    id: `${era}-unknown-prompt`,
    severity: 'should',
    title: `An unknown prompt is refused with error -32602, ${titles[era]}`,
    clause: `${revision[era]}, Prompts: Error handling`,
    remedy: 'Answer prompts/get for an unknown name with error -32602.',
    step: `${era}.unknown-prompt`,
    unless: undeclared(era, 'prompts'),
    check: (answered) => expectCode(answered, -32602),
  }),
];

const specified: ReadonlySet<unknown> = new Set([-32020, -32021, -32022]);
const isCode = (code: unknown, from: number, to: number): code is number =>
  typeof code === 'number' && code >= from && code <= to;

/** What wrong requests are answered with. */
export const errorRules: readonly Rule[] = [
  ...inEra('session'),
  ...inEra('stateless'),
  stepRule({
    id: 'session-unknown-resource',
    severity: 'should',
    title: 'An unknown resource is refused with error -32002',
    clause: 'MCP 2025-11-25, Resources: Error handling',
    remedy: 'Answer resources/read for an unknown URI with error -32002.',
    step: 'session.unknown-resource',
    unless: undeclared('session', 'resources'),
    // The newer revision has -32602, and servers of both eras often send the same in both.
    check: (answered) => expectCode(answered, -32002, -32602),
  }),
  stepRule({
    id: 'stateless-unknown-resource',
    severity: 'must',
    title: 'An unknown resource is refused with error -32602',
    clause: 'MCP 2026-07-28, Resources: Error handling',
    remedy: 'Answer resources/read for an unknown URI with error -32602.',
    step: 'stateless.unknown-resource',
    unless: undeclared('stateless', 'resources'),
    check: (answered) => expectCode(answered, -32602),
  }),
  stepRule({
    id: 'stateless-unknown-method-status',
    severity: 'must',
    title: 'Unknown methods are answered with HTTP 404 without sessions',
    clause: 'MCP 2026-07-28, Streamable HTTP: Protocol version header',
    remedy: 'Answer unknown methods with HTTP 404 and error -32601.',
    step: 'stateless.unknown-method',
    check: (answered) => expectStatus(answered, 404),
  }),
  everyRule({
    era: 'stateless',
    id: 'stateless-reserved-codes',
    severity: 'must',
    title: 'Reserved error codes are used as the specification defines them',
    clause: 'MCP 2026-07-28, Messages: Error codes',
    remedy: 'Use codes outside -32768 to -32000 for errors of your own.',
    looksAt: hasError,
    check({ error }) {
      const code = error?.get('code');
      return isCode(code, -32099, -32020) && !specified.has(code) ? `The code ${code} is reserved for MCP.` : null;
    },
  }),
  everyRule({
    era: 'stateless',
    id: 'stateless-retired-codes',
    severity: 'must',
    title: 'Retired error codes are not used',
    clause: 'MCP 2026-07-28, Messages: Error codes',
    remedy: 'Use -32602 instead of -32002, and a result that requires input instead of -32042.',
    looksAt: hasError,
    check: ({ error }) =>
      [-32002, -32042].some((code) => code === error?.get('code'))
        ? `The code ${error?.get('code')} is retired.`
        : null,
  }),
  everyRule({
    era: 'stateless',
    id: 'stateless-legacy-codes',
    severity: 'advice',
    title: 'Codes from -32000 to -32019 are not used',
    clause: 'MCP 2026-07-28, Messages: Error codes',
    remedy: 'Use the codes of the specification, or codes outside -32768 to -32000.',
    looksAt: hasError,
    check({ error }) {
      const code = error?.get('code');
      return isCode(code, -32019, -32000) && code !== -32002 ? `The code ${code} has no defined meaning.` : null;
    },
  }),
  stepRule({
    id: 'session-templates',
    severity: 'should',
    title: 'Resource templates can be listed',
    clause: 'MCP 2025-11-25, Resources: Resource templates',
    remedy: 'Answer resources/templates/list, with an empty list if there are none.',
    step: 'session.templates-list',
    unless: undeclared('session', 'resources'),
    check: (answered) => (answered.result ? null : `It was answered by ${describe(answered)}.`),
  }),
];
