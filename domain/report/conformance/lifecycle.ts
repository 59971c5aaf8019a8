import { toEntries } from '../../json/json.ts';
import type { Rule } from '../rule.ts';
import { capabilitiesOf, describe, expectCode, expectStatus, findAnswer, stepRule, undeclared } from './wire.ts';

const clause = 'MCP 2025-11-25, Lifecycle';
/** Revisions that were published. */
export const revisions = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'];

/** The handshake of the older era, and what it promises. */
export const lifecycleRules: readonly Rule[] = [
  stepRule({
    id: 'initialize-version',
    severity: 'must',
    title: 'initialize names a published revision',
    clause: `${clause}: Version negotiation`,
    remedy: 'Answer initialize with a protocolVersion that is published, such as "2025-11-25".',
    step: 'session.initialize',
    check: ({ result }) =>
      revisions.some((revision) => revision === result?.get('protocolVersion'))
        ? null
        : `protocolVersion is ${JSON.stringify(result?.get('protocolVersion'))}.`,
  }),
  stepRule({
    id: 'initialize-unknown-version',
    severity: 'must',
    title: 'An unknown revision is answered with a supported one',
    clause: `${clause}: Version negotiation`,
    remedy: 'Answer initialize for an unknown version with the latest version that the server supports, not an error.',
    step: 'session.initialize-unknown-version',
    check: (answered) => {
      const version = answered.result?.get('protocolVersion');
      if (!answered.result) return `initialize with version 1999-01-01 was answered by ${describe(answered)}.`;
      return version === '1999-01-01' ? 'The server agreed to version 1999-01-01, which does not exist.' : null;
    },
  }),
  stepRule({
    id: 'initialize-older-version',
    severity: 'should',
    title: 'An older revision is negotiated',
    clause: `${clause}: Version negotiation`,
    remedy: 'Answer an older supported version with the same version, and an unsupported one with a supported one.',
    step: 'session.initialize-older-version',
    check: (answered) =>
      revisions.some((revision) => revision === answered.result?.get('protocolVersion'))
        ? null
        : `initialize with version 2025-03-26 was answered by ${describe(answered)}.`,
  }),
  stepRule({
    id: 'initialize-latest-version',
    severity: 'advice',
    title: 'The latest revision with sessions is supported',
    clause: `${clause}: Version negotiation`,
    remedy: 'Update the MCP SDK of the server.',
    step: 'session.initialize',
    check: ({ result }) => {
      const version = result?.get('protocolVersion');
      return typeof version === 'string' && version < '2025-11-25' ? `The server negotiated ${version}.` : null;
    },
  }),
  stepRule({
    id: 'initialize-server-info',
    severity: 'must',
    title: 'initialize names the server and its version',
    clause: `${clause}: Initialization`,
    remedy: 'Add serverInfo with a name and a version to the result of initialize.',
    step: 'session.initialize',
    check: ({ result }) => {
      const info = toEntries(result?.get('serverInfo'));
      const missing = ['name', 'version'].filter((member) => typeof info?.get(member) !== 'string');
      return missing.length > 0 ? `serverInfo has no ${missing.join(' and no ')}.` : null;
    },
  }),
  stepRule({
    id: 'initialize-capabilities',
    severity: 'must',
    title: 'initialize declares capabilities as objects',
    clause: `${clause}: Capability negotiation`,
    remedy: 'Make capabilities an object, and each capability in it an object as well.',
    step: 'session.initialize',
    check: ({ result }) => capabilityProblem(result),
  }),
  stepRule({
    id: 'initialize-instructions',
    severity: 'must',
    title: 'instructions is a text',
    clause: `${clause}: Initialization`,
    remedy: 'Make instructions a string, or leave it out.',
    step: 'session.initialize',
    unless: (evidence) =>
      findAnswer(evidence, 'session.initialize')?.result?.has('instructions')
        ? null
        : 'The server has no instructions.',
    check: ({ result }) =>
      typeof result?.get('instructions') === 'string' ? null : `instructions is ${typeof result?.get('instructions')}.`,
  }),
  stepRule({
    id: 'initialize-no-early-requests',
    severity: 'should',
    title: 'Nothing is requested of the client before it is initialized',
    clause: `${clause}: Initialization`,
    remedy: 'Send requests to the client only after notifications/initialized.',
    step: 'session.initialize',
    check: ({ answer }) => {
      const early = answer.messages
        .map(toEntries)
        .find((message) => message?.has('method') && message.has('id') && message.get('method') !== 'ping');
      return early ? `The server sent ${JSON.stringify(early.get('method'))} before it was initialized.` : null;
    },
  }),
  stepRule({
    id: 'initialized-accepted',
    severity: 'must',
    title: 'notifications/initialized is accepted with HTTP 202',
    clause: 'MCP 2025-11-25, Transports: Sending messages to the server',
    remedy: 'Answer notifications with HTTP 202 and no body.',
    step: 'session.initialized',
    check: (answered) => expectStatus(answered, 202),
  }),
  stepRule({
    id: 'ping',
    severity: 'must',
    title: 'ping is answered with an empty result',
    clause: 'MCP 2025-11-25, Ping',
    remedy: 'Answer ping with the result {}.',
    step: 'session.ping',
    check: (answered) => {
      if (!answered.result) return `ping was answered by ${describe(answered)}.`;
      const extra = [...answered.result.keys()].filter((key) => key !== '_meta');
      return extra.length > 0 ? `The result of ping has the members ${extra.join(', ').slice(0, 200)}.` : null;
    },
  }),
  ...(['tools', 'resources', 'prompts'] as const).flatMap((capability) => [
    stepRule({
      id: `declared-${capability}`,
      severity: 'must',
      title: `Declared ${capability} can be listed`,
      clause: `${clause}: Capability negotiation`,
      remedy: `Answer ${capability}/list, with an empty list if there are none, or do not declare ${capability}.`,
      step: `session.${capability}-list`,
      unless: undeclared('session', capability),
      check: (answered) => (answered.result ? null : `${capability}/list was answered by ${describe(answered)}.`),
    }),
    stepRule({
      id: `undeclared-${capability}`,
      severity: 'should',
      title: `${capability}/list without the capability is an unknown method`,
      clause: `${clause}: Operation`,
      remedy: `Declare the capability ${capability}, or answer ${capability}/list with error -32601.`,
      step: `session.${capability}-list`,
      unless: (evidence) =>
        capabilitiesOf(evidence, 'session')?.has(capability) ? `The server declares ${capability}.` : null,
      check: (answered) => {
        const items = answered.result?.get(capability);
        return Array.isArray(items) && items.length === 0 ? null : expectCode(answered, -32601);
      },
    }),
  ]),
  stepRule({
    id: 'logging-level',
    severity: 'should',
    title: 'An unknown log level is refused as invalid params',
    clause: 'MCP 2025-11-25, Logging: Error handling',
    remedy: 'Answer logging/setLevel for an unknown level with error -32602.',
    step: 'session.bad-log-level',
    unless: undeclared('session', 'logging'),
    check: (answered) => expectCode(answered, -32602),
  }),
];

export function capabilityProblem(result: Map<string, unknown> | null): string | null {
  const capabilities = toEntries(result?.get('capabilities'));
  if (!capabilities) return 'capabilities is missing or not an object.';
  const wrong = [...capabilities].filter(([, value]) => !toEntries(value)).map(([name]) => name);
  return wrong.length > 0 ? `The capabilities ${wrong.join(', ').slice(0, 200)} are not objects.` : null;
}
