import type { Era, WireAnswer } from '../evidence.ts';
import { notApplicable, type Rule } from '../rule.ts';
import { describe, everyRule, expectStatus, olderThan, stepRule, titles } from './wire.ts';

const clauses: { [era in Era]: string } = {
  session: 'MCP 2025-11-25, Transports',
  stateless: 'MCP 2026-07-28, Streamable HTTP',
};
const mediaType = (headers: { [name: string]: string }): string =>
  headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';

const endsStream = (answer: WireAnswer | null): boolean => answer?.isStream === true && answer.ended;

const inEra = (era: Era): Rule[] => [
  everyRule({
    era,
    id: `${era}-content-type`,
    severity: 'must',
    title: `Requests are answered with JSON or an event stream, ${titles[era]}`,
    clause: `${clauses[era]}: Sending messages`,
    remedy: 'Set Content-Type: application/json, or text/event-stream for events.',
    looksAt: ({ response }) => response !== null,
    check: ({ answer }) =>
      ['application/json', 'text/event-stream'].includes(mediaType(answer.headers))
        ? null
        : `The content type is ${JSON.stringify(mediaType(answer.headers))}.`,
  }),
  everyRule({
    era,
    id: `${era}-result-status`,
    severity: 'must',
    title: `Results come with HTTP 200, ${titles[era]}`,
    clause: `${clauses[era]}: Sending messages`,
    remedy: 'Answer with HTTP 200 where there is a result.',
    looksAt: ({ result }) => result !== null,
    check: (answered) => expectStatus(answered, 200),
  }),
  everyRule({
    era,
    id: `${era}-readable`,
    severity: 'must',
    title: `Bodies and events are JSON, ${titles[era]}`,
    clause: 'JSON-RPC 2.0; server-sent events',
    remedy: 'Send one JSON message in each body and in the data of each event.',
    looksAt: ({ answer }) => answer.status === 200 && answer.body !== '',
    check: ({ answer }) => answer.problems[0] ?? null,
  }),
  everyRule({
    era,
    id: `${era}-event-name`,
    severity: 'should',
    title: `Events with messages are named "message" or have no name, ${titles[era]}`,
    clause: `${clauses[era]}: Receiving messages`,
    remedy: 'Leave the event field out. Clients ignore events of other names.',
    looksAt: ({ answer }) => answer.isStream,
    check({ answer }) {
      const odd = answer.events.find(
        ({ name, data }) => name !== undefined && name !== 'message' && data.includes('"jsonrpc"'),
      );
      return odd ? `A message came in an event named ${JSON.stringify(odd.name)}.` : null;
    },
  }),
  everyRule({
    era,
    id: `${era}-stream-ends`,
    version: 2,
    severity: 'advice',
    title: `The stream of a request ends after its answer, ${titles[era]}`,
    clause: `${clauses[era]}: Receiving messages`,
    remedy: 'End the response after the answer was sent.',
    looksAt: ({ answer, response }) => answer.isStream && response !== null,
    // One stream may have been slow: only a server that ends none keeps them open on purpose.
    check: ({ answer }, { survey }) =>
      answer.ended || survey?.exchanges.some(({ step, answer: other }) => step.startsWith(era) && endsStream(other))
        ? null
        : 'No stream ended within a second after its answer.',
  }),
  ...(['local', 'public'] as const).map((place) =>
    stepRule({
      id: `${era}-origin-${place}`,
      severity: place === 'local' ? 'must' : 'should',
      title: `Requests of foreign web pages are refused by a ${place} server, ${titles[era]}`,
      clause: `${clauses[era]}: Security`,
      remedy: 'Compare the Origin header with the origins that may call the server, and answer others with HTTP 403.',
      step: `${era}.bad-origin`,
      unless: ({ url }) =>
        isLocal(url) === (place === 'local') ? null : `The address is ${isLocal(url) ? 'local' : 'public'}.`,
      check: (answered) =>
        answered.result
          ? `A request with Origin: https://armature-origin-test.example was answered by ${describe(answered)}.`
          : null,
    }),
  ),
];

/** HTTP below the messages: content types, statuses, streams, headers. */
export const httpRules: readonly Rule[] = [
  ...inEra('session'),
  ...inEra('stateless'),
  stepRule({
    id: 'session-get',
    severity: 'must',
    title: 'GET opens an event stream or is refused with HTTP 405',
    clause: `${clauses.session}: Listening for messages from the server`,
    remedy: 'Answer GET with text/event-stream, or with HTTP 405.',
    step: 'session.get',
    check: (answered) =>
      answered.answer.status === 405 ||
      (answered.answer.status === 200 && mediaType(answered.answer.headers) === 'text/event-stream')
        ? null
        : `GET was answered by HTTP ${answered.answer.status} with ${JSON.stringify(mediaType(answered.answer.headers))}.`,
  }),
  stepRule({
    id: 'session-get-no-responses',
    severity: 'must',
    title: 'The stream of GET contains no answers',
    clause: `${clauses.session}: Listening for messages from the server`,
    remedy: 'Send each answer only on the stream of its own request.',
    step: 'session.get',
    check: ({ answer, response }) => (answer.isStream && response ? 'An answer came on the stream of GET.' : null),
  }),
  stepRule({
    id: 'stateless-get',
    severity: 'should',
    title: 'GET is refused with HTTP 405 without sessions',
    clause: `${clauses.stateless}: Backward compatibility`,
    remedy: 'Answer GET for revision 2026-07-28 with HTTP 405.',
    step: 'stateless.get',
    unless: ({ survey }) => (survey?.session ? 'The server also speaks the revisions that have GET.' : null),
    check: (answered) => expectStatus(answered, 405),
  }),
  stepRule({
    id: 'stateless-delete',
    severity: 'should',
    title: 'DELETE is refused with HTTP 405 without sessions',
    clause: `${clauses.stateless}: Backward compatibility`,
    remedy: 'Answer DELETE for revision 2026-07-28 with HTTP 405.',
    step: 'stateless.delete',
    unless: ({ survey }) => (survey?.session ? 'The server also speaks the revisions that have sessions.' : null),
    check: (answered) => expectStatus(answered, 405),
  }),
  stepRule({
    id: 'version-header',
    severity: 'must',
    title: 'An invalid MCP-Protocol-Version is refused with HTTP 400',
    clause: `${clauses.session}: Protocol version header`,
    remedy: 'Answer requests whose MCP-Protocol-Version is unknown with HTTP 400.',
    step: 'session.bad-version-header',
    unless: olderThan('2025-06-18'),
    check: (answered) => expectStatus(answered, 400),
  }),
  stepRule({
    id: 'notification-accepted',
    severity: 'must',
    title: 'Unknown notifications get HTTP 202 or an HTTP error',
    clause: `${clauses.session}: Sending messages to the server`,
    remedy: 'Answer notifications with HTTP 202, or with an HTTP error if they are refused.',
    step: 'session.unknown-notification',
    check: ({ answer }) =>
      answer.status === 202 || answer.status >= 400 ? null : `It was answered by HTTP ${answer.status}.`,
  }),
  stepRule({
    id: 'notification-without-body',
    severity: 'must',
    title: 'Accepted notifications have no answer',
    clause: `${clauses.session}: Sending messages to the server`,
    remedy: 'Send no body with HTTP 202.',
    step: 'session.initialized',
    check: ({ answer, response }) =>
      response || (answer.status < 300 && answer.body.trim() !== '' && answer.body.trim() !== 'null')
        ? 'A notification was answered with a body.'
        : null,
  }),
  stepRule({
    id: 'cancellation-ignored',
    severity: 'should',
    title: 'The cancellation of an unknown request is ignored',
    clause: 'MCP 2025-11-25, Cancellation: Error handling',
    remedy: 'Ignore notifications/cancelled for unknown and finished requests, and answer with HTTP 202.',
    step: 'session.cancel-unknown',
    check: (answered) => expectStatus(answered, 202),
  }),
  stepRule({
    id: 'cancellation-keeps-session',
    severity: 'must',
    title: 'A request after a cancellation is answered',
    clause: 'MCP 2025-11-25, Cancellation',
    remedy: 'Keep the session working after notifications/cancelled.',
    step: 'session.ping-after-cancel',
    check: (answered) => (answered.result ? null : `ping was answered by ${describe(answered)}.`),
  }),
  everyRule({
    era: 'stateless',
    id: 'stateless-buffering',
    severity: 'advice',
    title: 'Streams ask proxies not to buffer',
    clause: `${clauses.stateless}: Receiving messages`,
    remedy: 'Send the header X-Accel-Buffering: no with event streams.',
    looksAt: ({ answer }) => answer.isStream,
    check: ({ answer }) =>
      answer.headers['x-accel-buffering'] === 'no' ? null : 'An event stream has no header X-Accel-Buffering: no.',
  }),
  everyRule({
    era: 'session',
    id: 'event-ids-unique',
    severity: 'must',
    title: 'Event ids are unique within a session',
    clause: `${clauses.session}: Resumability and redelivery`,
    remedy: 'Give each event of a session an id of its own, or none.',
    looksAt: ({ answer }) => answer.events.some(({ id }) => id !== undefined && id !== ''),
    check({ exchange, answer }, { survey }) {
      const ids = answer.events.flatMap(({ id }) => (id ? [id] : []));
      const others = new Set(
        survey?.exchanges
          .filter((other) => other !== exchange && other.step.startsWith('session.'))
          .filter((other) => sameSession(other.request.headers, exchange.request.headers))
          .flatMap((other) => other.answer?.events.map(({ id }) => id) ?? []),
      );
      const twice = ids.find((id, index) => ids.indexOf(id) !== index || others.has(id));
      return twice === undefined ? null : `The event id ${JSON.stringify(twice.slice(0, 80))} was used twice.`;
    },
  }),
  {
    id: 'encrypted',
    version: 1,
    area: 'conformance',
    severity: 'should',
    title: 'The server is called over HTTPS',
    clause: 'MCP 2025-11-25, Authorization: Communication security',
    remedy: 'Serve the endpoint over HTTPS.',
    applies: ({ url }) => (isLoopback(url) ? notApplicable('The server is on this machine.') : true),
    check: ({ url }) =>
      url.startsWith('https:')
        ? []
        : [{ subject: '', message: 'The address begins with http://, so others can read the calls.' }],
  },
];

const sameSession = (one: { [name: string]: string }, other: { [name: string]: string }): boolean =>
  one['mcp-session-id'] === other['mcp-session-id'];

/** An address that web pages reach only by the browser of somebody who is near. */
const isLocal = (url: string): boolean =>
  isLoopback(url) ||
  /^(10|192\.168|172\.(1[6-9]|2\d|3[01])|169\.254)\.[\d.]+$|\.(local|internal|lan)$/.test(
    URL.parse(url)?.hostname ?? '',
  );

const isLoopback = (url: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(URL.parse(url)?.hostname ?? '');
