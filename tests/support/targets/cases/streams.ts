import { setTimeout as sleep } from 'node:timers/promises';
import {
  answer,
  asEvent,
  ask,
  type Case,
  type Context,
  fails,
  fault,
  noted,
  notify,
  ok,
  replyEvents,
  text,
} from './case.ts';

const streams = (events: Parameters<typeof replyEvents>[0], options?: { open?: boolean }): Case['server'] => ({
  on: { 'tools/call': replyEvents(events, options) },
});

const done = ({ message }: Context, value = 'done') => answer(message.id, text(value));

/** Events before the answer. */
const before = (...events: unknown[]): Case['server'] => streams((context) => [...events, done(context)]);
const quiet = (...events: unknown[]): Case => ({ server: before(...events), call: ok({ text: 'done', notes: [] }) });
const stray = (event: unknown, ...notes: string[]): Case => ({ server: before(event), call: noted(...notes) });
const onlyStray = (event: string, ...words: string[]): Case => ({
  server: streams(() => [event]),
  call: fails('protocol_error', 'tools/call', ...words),
  older: 'lists',
});

/** Asks the client, waits for what it says, and answers with that. */
const asks = (method: string, params?: unknown, isError = false): Case['server'] =>
  streams(async function* (context) {
    yield ask('asked-1', method, params);
    const said = await context.replyTo('asked-1');
    yield answer(context.message.id, { ...text(JSON.stringify(said)), ...(isError && { isError }) });
  });

const elicitation = { message: 'Name?', requestedSchema: { type: 'object', properties: {} } };
const log = { level: 'info', data: 'x' };

/** Answers where the stream with the last event's id had ended. */
const continueStream = ({ request, response }: Context): void => {
  if (request.headers['last-event-id'] === undefined) {
    response.writeHead(405).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  // The SDK counts its requests, so that a call after `initialize` and `tools/list` has one of these ids.
  response.end([1, 2, 3].map((id) => `id: e${id}\n${asEvent(answer(id, text('resumed')))}`).join(''));
};

/** Event streams in answer to a call. */
export const callStreams: { [name: string]: Case } = {
  progress: {
    server: streams(async function* (context) {
      for (let progress = 0; progress < 5; progress++) {
        yield notify('notifications/progress', { progressToken: 'made-up', progress });
        await sleep(5);
      }
      yield done(context);
    }),
    call: ok({ text: 'done', notes: [] }),
  },
  'progress-malformed': quiet(notify('notifications/progress', { progress: 'half' }), notify('notifications/progress')),
  logs: quiet(notify('notifications/message', { level: 'info', data: { a: 1 } })),
  'log-of-unknown-level': quiet(notify('notifications/message', { level: 'trace', data: null })),
  'list-changed': quiet(notify('notifications/tools/list_changed'), notify('notifications/resources/list_changed')),
  'other-event-names': quiet('event: status\ndata: working\n\nevent: heartbeat\ndata: 1\n\n'),
  'empty-data': quiet('data: \n\n', 'data\n\n'),
  'params-list': stray(notify('custom/thing', [1]), 'custom/thing'),
  'params-null': stray(notify('notifications/tools/list_changed', null), 'list_changed'),
  'params-text': stray(notify('custom/thing', 'x'), 'custom/thing'),
  'params-meta-null': stray(notify('notifications/message', { _meta: null, ...log }), 'notifications/message'),
  'data-ping': stray('data: ping\n\n', 'ping'),
  'data-heartbeat': stray('data: {"type":"heartbeat","at":"x"}\n\n', 'heartbeat'),
  'data-null': stray('data: null\n\n', 'null'),
  'data-number': stray('data: 42\n\n', '42'),
  'data-not-json': stray('data: not json\n\n', 'not json'),
  'data-long': stray(`data: ${'long '.repeat(2000)}\n\n`, 'long long'),
  'many-strays': {
    server: before(...Array.from({ length: 50 }, (_, n) => `data: beat ${n}\n\n`)),
    call: noted('beat 0', 'beat 1', 'beat 2', 'beat 3'),
  },
  'error-event-then-answer': stray('event: error\ndata: {"error":"cache miss"}\n\n', 'cache miss'),
  'other-answer-first': stray(answer(777, text('old answer')), '777'),
  'error-without-id-first': stray(fault(null, -32603, 'hiccup'), 'hiccup'),
  'batch-event': {
    server: streams((context) => [
      `data: ${JSON.stringify([notify('notifications/message', log), done(context, 'batched')])}\n\n`,
    ]),
    call: ok({ text: 'batched', notes: ['batch'] }),
    older: 'lists',
  },
  'empty-batch-event': stray('data: []\n\n', '[]'),
  'strays-of-all-sorts': {
    server: before('data: ping\n\n', notify('a/b', null), answer(778, {}), 'event: error\ndata: oops\n\n'),
    call: noted('ping', 'a/b', '778', 'oops'),
  },
  ping: {
    server: asks('ping'),
    call: ok({ text: '{}', notes: [] }),
  },
  'ping-with-null-params': { server: asks('ping', null), call: ok({ text: '{}' }), older: 'lists' },
  'ping-with-the-id-of-the-call': {
    server: streams(async function* (context) {
      const { id = '' } = context.message;
      yield ask(id, 'ping');
      yield answer(id, text(JSON.stringify(await context.replyTo(id))));
    }),
    call: ok({ text: '{}' }),
  },
  'asks-for-roots': { server: asks('roots/list'), call: noted('roots/list') },
  'asks-for-sampling': {
    server: asks('sampling/createMessage', { messages: [], maxTokens: 5 }, true),
    call: ok({ isError: true, notes: ['sampling/createMessage'] }),
  },
  'asks-for-elicitation': {
    server: asks('elicitation/create', elicitation, true),
    call: ok({ isError: true, notes: ['elicitation/create'] }),
  },
  'asks-and-waits': {
    server: streams(() => [ask('asked-2', 'elicitation/create', elicitation)], { open: true }),
    call: { ok: false, kind: 'timeout', says: ['tools/call', 'elicitation/create'], details: { inputRequired: true } },
    older: 'lists',
  },
  'asks-and-fails': {
    server: streams(async function* (context) {
      yield ask('asked-3', 'elicitation/create', elicitation);
      await context.replyTo('asked-3');
      yield fault(context.message.id, -32000, 'No name was given');
    }),
    call: {
      ok: false,
      kind: 'rpc_error',
      says: ['tools/call', 'elicitation/create', 'No name was given'],
      details: { inputRequired: true },
    },
    older: 'lists',
  },
  'asks-and-ends': {
    server: streams(() => [ask('asked-4', 'roots/list')]),
    call: { ok: false, kind: 'unreachable', says: ['tools/call', 'roots/list'], details: { inputRequired: true } },
    older: 'lists',
  },
  'answer-twice': {
    server: streams((context) => [done(context, 'first'), done(context, 'second')]),
    call: ok({ text: 'first' }),
  },
  'answer-and-stay-open': { server: streams((context) => [done(context)], { open: true }), call: ok({ text: 'done' }) },
  'silence-first': {
    server: streams(async function* (context) {
      yield ': working\n\n';
      await sleep(200);
      yield done(context);
    }),
  },
  'ends-without-answer': {
    server: streams(() => [notify('notifications/message', log)]),
    call: fails('unreachable', 'tools/call', 'ended'),
    older: 'lists',
  },
  'ends-at-once': { server: streams(() => []), call: fails('unreachable', 'tools/call', 'ended'), older: 'lists' },
  'error-event-only': onlyStray('event: error\ndata: {"error":"Session not found"}\n\n', 'Session not found'),
  'message-not-rpc-only': onlyStray('data: {"error":"Quota used up"}\n\n', 'Quota used up'),
  'half-json-only': onlyStray('data: {"jsonrpc": "2.0", "result": {"content": [}\n\n', '"content": [}'),
  'stray-then-silence': {
    server: streams(() => ['data: ping 17\n\n'], { open: true }),
    call: fails('timeout', 'tools/call', 'ping 17'),
    older: 'lists',
  },
  'stray-then-error': {
    server: streams(({ message: { id } }) => ['data: ping\n\n', fault(id, -32001, 'The shop is closed')]),
    call: fails('rpc_error', 'tools/call', 'The shop is closed'),
    older: 'lists',
  },
  'error-without-id-only': {
    server: streams(() => [fault(null, -32603, 'Worker crashed')]),
    call: fails('rpc_error', 'tools/call', '-32603', 'Worker crashed'),
    older: 'lists',
  },
  'malformed-answer': {
    server: streams(({ message: { id } }) => [answer(id, null)], { open: true }),
    call: fails('malformed_result', 'tools/call', 'null'),
    older: 'lists',
  },
  'stream-cut': {
    server: {
      on: {
        'tools/call': ({ response }) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' }).write(asEvent(notify('a/b')));
          setImmediate(() => response.destroy());
        },
      },
    },
    call: fails('unreachable', 'tools/call'),
    older: 'lists',
  },
  resumed: {
    server: {
      ...streams(() => ['id: e1\nretry: 20\ndata: \n\n']),
      get: continueStream,
    },
    call: ok({ text: 'resumed' }),
  },
  'resumed-after-a-cut': {
    server: {
      on: {
        'tools/call': ({ response }) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: e1\nretry: 20\ndata: \n\n');
          setTimeout(() => response.destroy(), 20);
        },
      },
      get: continueStream,
    },
    call: ok({ text: 'resumed' }),
  },
  'resumed-in-vain': {
    server: {
      ...streams(() => ['id: e1\nretry: 20\ndata: \n\n']),
      get: ({ response }) => void response.writeHead(404).end(),
    },
    call: fails('unreachable', 'tools/call', 'ended'),
    older: 'lists',
  },
};

const getStream = (open: (context: Context) => void): Case['server'] => ({ get: open });
const events = { 'content-type': 'text/event-stream' };

const keepOpen = ({ response, getStream }: Context): void => {
  response.writeHead(200, events).write(': hi\n\n');
  getStream.response = response;
  response.once('close', () => {
    if (getStream.response === response) delete getStream.response;
  });
};

/** A call during which the server asks over the GET stream. */
const asksOverGet = (method: string, params?: unknown): Case['server'] => ({
  get: keepOpen,
  on: {
    'tools/call': async ({ message, getStream, replyTo }) => {
      // Without a stream nobody hears the question, and the call is never answered.
      while (!getStream.response) await sleep(5);
      getStream.response.write(asEvent(ask('over-get', method, params)));
      return answer(message.id, text(JSON.stringify(await replyTo('over-get'))));
    },
  },
});

/** The stream that a client may open by GET. */
export const getStreams: { [name: string]: Case } = {
  'get-405': { server: {} },
  'get-404': { server: getStream(({ response }) => void response.writeHead(404).end()) },
  'get-401': { server: getStream(({ response }) => void response.writeHead(401).end()) },
  'get-500': { server: getStream(({ response }) => void response.writeHead(500).end('boom')) },
  'get-web-page': {
    server: getStream(({ response }) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>')),
  },
  'get-closes': { server: getStream(({ request }) => void request.socket.destroy()) },
  'get-never-answers': { server: getStream(() => undefined) },
  'get-silent': { server: getStream(keepOpen) },
  'get-ends': { server: getStream(({ response }) => void response.writeHead(200, events).end(': bye\n\n')) },
  'get-floods': {
    server: getStream(({ response }) => {
      const timer = setInterval(() => response.write(`data: ${'noise '.repeat(100)}\n\n`), 1);
      response.writeHead(200, events).once('close', () => clearInterval(timer));
    }),
  },
  'get-asks-for-roots': { server: asksOverGet('roots/list'), call: noted('roots/list') },
  'get-asks-for-elicitation': { server: asksOverGet('elicitation/create', elicitation), call: noted('elicitation') },
  'get-pings': { server: asksOverGet('ping'), call: ok({ text: '{}', notes: [] }) },
  'get-asks-with-session': {
    server: { ...asksOverGet('roots/list'), session: {} },
    call: noted('roots/list'),
  },
};
