import { sameJson, toEntries } from '../../json/json.ts';
import type { Era, Evidence } from '../evidence.ts';
import { notApplicable, type Rule } from '../rule.ts';
import { type Answered, everyRule, olderThan, stepRule, titles } from './wire.ts';

const clause = 'JSON-RPC 2.0';
const list = ({ answer }: Answered): Map<string, unknown>[] =>
  answer.messages.map(toEntries).filter((message) => message !== null);
const isCall = (message: Map<string, unknown>): boolean => message.has('method');
const hasMessages = (answered: Answered): boolean => list(answered).length > 0;

/** The id of the request; undefined for what has none. */
function idOf({ exchange }: Answered): unknown {
  try {
    return toEntries(JSON.parse(exchange.request.body ?? ''))?.get('id');
  } catch {
    // The body was broken on purpose.
    return undefined;
  }
}

/** JSON-RPC, as every message has to be. */
const inEra = (era: Era): Rule[] => [
  everyRule({
    era,
    id: `${era}-jsonrpc`,
    severity: 'must',
    title: `Messages are marked as JSON-RPC 2.0, ${titles[era]}`,
    clause,
    remedy: 'Add "jsonrpc": "2.0" to each message.',
    looksAt: (answered) => hasMessages(answered) && answered.answer.status < 400,
    check: (answered) =>
      list(answered).every((message) => message.get('jsonrpc') === '2.0') ? null : 'A message has no "jsonrpc": "2.0".',
  }),
  everyRule({
    era,
    id: `${era}-answer-id`,
    severity: 'must',
    title: `Answers have the id of their request, ${titles[era]}`,
    clause: `${clause}: Response object`,
    remedy: 'Repeat the id of the request, with its type.',
    looksAt: (answered) => answered.response !== null && idOf(answered) !== undefined && answered.answer.status < 400,
    check(answered) {
      const [asked, given] = [idOf(answered), answered.response?.get('id')];
      return sameJson(asked, given) ? null : `The id is ${JSON.stringify(given)} instead of ${JSON.stringify(asked)}.`;
    },
  }),
  everyRule({
    era,
    id: `${era}-result-or-error`,
    severity: 'must',
    title: `An answer has either a result or an error, ${titles[era]}`,
    clause: `${clause}: Response object`,
    remedy: 'Leave error out of results, and result out of errors.',
    looksAt: ({ response }) => response !== null,
    check: ({ response }) =>
      response?.has('result') && response.has('error') ? 'The answer has both result and error.' : null,
  }),
  everyRule({
    era,
    id: `${era}-result-object`,
    severity: 'must',
    title: `Results are objects, ${titles[era]}`,
    clause: 'MCP, Messages: Responses',
    remedy: 'Make each result an object.',
    looksAt: ({ response }) => response?.has('result') ?? false,
    check: ({ response, result }) =>
      result ? null : `The result is ${JSON.stringify(response?.get('result'))?.slice(0, 100)}.`,
  }),
  everyRule({
    era,
    id: `${era}-answered-once`,
    severity: 'must',
    title: `A request has one answer, ${titles[era]}`,
    clause: `${clause}: Response object`,
    remedy: 'Send the answer of a request once, and no answers to other requests with it.',
    looksAt: ({ response }) => response !== null,
    check(answered) {
      const answers = list(answered).filter((message) => !isCall(message));
      return answers.length > 1 ? `The server sent ${answers.length} answers to one request.` : null;
    },
  }),
  everyRule({
    era,
    id: `${era}-meta`,
    severity: 'must',
    title: `_meta is an object with valid keys, ${titles[era]}`,
    clause: 'MCP, General fields: _meta',
    remedy: 'Make _meta an object, or leave it out. Begin prefixes of keys with a letter, in reverse domain notation.',
    looksAt: ({ result }) => result?.has('_meta') ?? false,
    check({ result }) {
      const meta = toEntries(result?.get('_meta'));
      if (!meta) return `_meta is ${JSON.stringify(result?.get('_meta'))?.slice(0, 100)}.`;
      const odd = [...meta.keys()].find((key) => !metaKey.test(key));
      return odd === undefined ? null : `_meta has the key ${JSON.stringify(odd.slice(0, 80))}.`;
    },
  }),
  everyRule({
    era,
    id: `${era}-notification-shape`,
    severity: 'must',
    title: `Notifications have a method and an object as params, ${titles[era]}`,
    clause: 'MCP, Messages: Notifications',
    remedy: 'Make params of notifications an object, or leave it out.',
    looksAt: (answered) => list(answered).some((message) => isCall(message) && !message.has('id')),
    check(answered) {
      const wrong = list(answered).find(
        (message) =>
          isCall(message) &&
          !message.has('id') &&
          (typeof message.get('method') !== 'string' || (message.has('params') && !toEntries(message.get('params')))),
      );
      return wrong ? `A notification is ${JSON.stringify(Object.fromEntries(wrong)).slice(0, 200)}.` : null;
    },
  }),
  stepRule({
    id: `${era}-text-id`,
    severity: 'must',
    title: `Ids that are texts stay texts, ${titles[era]}`,
    clause: `${clause}: Response object`,
    remedy: 'Repeat the id with its type: a text stays a text.',
    step: `${era}.string-id`,
    check: ({ response }) =>
      response?.get('id') === 'armature-text'
        ? null
        : `The id "armature-text" came back as ${JSON.stringify(response?.get('id'))}.`,
  }),
  stepRule({
    id: `${era}-progress`,
    severity: 'must',
    title: `Progress has the token of its request and increases, ${titles[era]}`,
    clause: 'MCP, Progress',
    remedy: 'Send progress only for tokens that were given, with numbers that grow.',
    step: `${era}.progress`,
    check(answered) {
      let last = Number.NEGATIVE_INFINITY;
      for (const message of list(answered)) {
        if (message.get('method') !== 'notifications/progress') continue;
        const params = toEntries(message.get('params'));
        const progress = params?.get('progress');
        if (params?.get('progressToken') !== 'armature-progress')
          return `Progress came for the token ${JSON.stringify(params?.get('progressToken'))}.`;
        if (typeof progress !== 'number' || progress <= last) return `Progress went from ${last} to ${progress}.`;
        last = progress;
      }
      return answered.result ? null : 'A request with a progress token was refused.';
    },
  }),
  stepRule({
    id: `${era}-no-unasked-progress`,
    severity: 'must',
    title: `Without a token there is no progress, ${titles[era]}`,
    clause: 'MCP, Progress',
    remedy: 'Send notifications/progress only where the request has a progressToken.',
    step: `${era}.tools-list`,
    check: (answered) =>
      list(answered).some((message) => message.get('method') === 'notifications/progress')
        ? 'Progress came for a request without a token.'
        : null,
  }),
];

const metaKey = /^([a-z]([a-z\d-]*[a-z\d])?(\.[a-z]([a-z\d-]*[a-z\d])?)*\/)?([a-z\d]([\w.-]*[a-z\d])?)?$/i;

/** What a server may ask of a client that declared nothing. */
const always: ReadonlySet<unknown> = new Set(['ping']);

export const messageRules: readonly Rule[] = [
  ...inEra('session'),
  ...inEra('stateless'),
  everyRule({
    era: 'session',
    id: 'undeclared-client-requests',
    severity: 'must',
    title: 'Nothing is requested that the client did not declare',
    clause: 'MCP 2025-11-25, Lifecycle: Operation',
    remedy: 'Look at the capabilities of the client before you send sampling, elicitation or roots requests.',
    looksAt: hasMessages,
    check(answered) {
      const asked = list(answered).find(
        (message) => isCall(message) && message.has('id') && !always.has(message.get('method')),
      );
      return asked ? `The server requested ${JSON.stringify(asked.get('method'))}, which was not declared.` : null;
    },
  }),
  everyRule({
    era: 'stateless',
    id: 'stateless-no-requests',
    severity: 'must',
    title: 'Servers send no requests without sessions',
    clause: 'MCP 2026-07-28, Streamable HTTP: Receiving messages',
    remedy: 'Ask for input by a result with resultType "input_required".',
    looksAt: hasMessages,
    check(answered) {
      const asked = list(answered).find((message) => isCall(message) && message.has('id'));
      return asked ? `The server sent the request ${JSON.stringify(asked.get('method'))}.` : null;
    },
  }),
  stepRule({
    id: 'session-batch',
    severity: 'should',
    title: 'Batches are refused',
    clause: 'MCP 2025-06-18, Changelog: JSON-RPC batching was removed',
    remedy: 'Answer a list of messages with HTTP 400.',
    step: 'session.batch',
    unless: olderThan('2025-06-18'),
    check: ({ answer }) =>
      answer.status >= 400 || answer.messages.some((message) => toEntries(message)?.has('error'))
        ? null
        : `A batch was answered by HTTP ${answer.status}.`,
  }),
  stackTraces(),
];

/** A stack trace of a common runtime. */
const trace =
  /\n\s+at .+\(.+:\d+:\d+\)|Traceback \(most recent call last\)|goroutine \d+ \[|\n\s+at [\w.$]+\(\w+\.java:\d+\)/;

function stackTraces(): Rule {
  const find = ({ survey }: Evidence) =>
    survey?.exchanges.filter(({ answer }) => answer && trace.test(unescapeBreaks(answer.body))) ?? [];
  return {
    id: 'no-stack-traces',
    version: 1,
    area: 'conformance',
    severity: 'should',
    title: 'Errors contain no stack traces',
    clause: 'MCP, Tools: Security considerations',
    remedy: 'Log the stack trace, and send a message that says what the caller can do.',
    applies: ({ survey, withoutSurvey }) => (survey ? true : notApplicable(withoutSurvey)),
    check: (evidence) =>
      find(evidence).map(({ step, answer }) => ({
        subject: step,
        message: 'The answer contains a stack trace of the server.',
        wire: answer?.body.slice(0, 700) ?? '',
      })),
  };
}

const unescapeBreaks = (text: string): string => text.replaceAll('\\n', '\n');
