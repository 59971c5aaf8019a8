import { type Case, fails, ok, type Reply, replyHttp, text, tool } from './case.ts';

const returns = (result: unknown): Case['server'] => ({ result });
const good = (result: unknown): Case => ({ server: returns(result) });
const says = (reply: Reply): Case['server'] => ({ on: { 'tools/call': reply } });
const block = (...content: unknown[]) => ({ content });
const bad = (result: unknown, ...words: string[]): Case => ({
  server: returns(result),
  call: fails('malformed_result', 'tools/call', ...words),
  older: 'lists',
});
const whole = (result: unknown, ...words: string[]): Case => ({
  ...bad({}, ...words),
  server: says(({ message: { id } }) => ({ jsonrpc: '2.0', id, result })),
});

const output = (result: unknown, outputSchema: unknown): Case['server'] => ({
  tools: [tool('x', { outputSchema })],
  result,
});
const numberA = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'], additionalProperties: false };

/** What `tools/call` returns. */
export const results: { [name: string]: Case } = {
  'meta-null': bad({ _meta: null, ...text('ok') }, '_meta', 'null'),
  'meta-text': bad({ _meta: 'x', ...text('ok') }, '_meta'),
  'block-null-members': bad(block({ type: 'text', text: 'ok', annotations: null }), 'block 1', 'annotations', 'null'),
  'block-meta-null': bad(block(...text('a').content, { type: 'text', text: 'ok', _meta: null }), 'block 2', '_meta'),
  'is-error-null': bad({ ...text('ok'), isError: null }, 'isError'),
  'is-error-text': bad({ ...text('bad'), isError: 'true' }, 'isError'),
  'structured-null': bad({ ...text('ok'), structuredContent: null }, 'structuredContent'),
  'structured-list': bad({ ...text('[1]'), structuredContent: [1, 2] }, 'structuredContent'),
  'structured-only': { server: returns({ structuredContent: { a: 1 } }) },
  'structured-without-content': good({ content: [], structuredContent: { a: { b: 2 } } }),
  'structured-without-schema': good({ ...text('x'), structuredContent: { a: 1 } }),
  'structured-breaks-schema': {
    server: output({ ...text('{"a":"str"}'), structuredContent: { a: 'str', b: 1 } }, numberA),
    older: 'lists',
  },
  'structured-missing': { server: output(text('1'), numberA), older: 'lists' },
  'error-with-other-structure': {
    server: output({ ...text('quota'), isError: true, structuredContent: { code: 'QUOTA' } }, numberA),
    call: ok({ isError: true }),
    older: 'lists',
  },
  'content-null': bad({ content: null }, 'content'),
  'content-text': bad({ content: 'hello' }, 'content'),
  'content-object': bad({ content: { type: 'text', text: 'hello' } }, 'content'),
  'content-missing': good({}),
  'result-null': whole(null, 'null'),
  'result-list': whole([{ type: 'text', text: 'x' }], 'array'),
  'result-text': whole('done', 'text'),
  'result-missing': {
    server: says(({ message: { id } }) => ({ jsonrpc: '2.0', id })),
    call: fails('protocol_error', 'tools/call', 'result'),
    older: 'lists',
  },
  'text-number': bad(block({ type: 'text', text: 42 }), 'block 1', 'text'),
  'text-null': bad(block({ type: 'text', text: null }), 'block 1', 'text', 'null'),
  'text-object': bad(block({ type: 'text', text: { a: 1 } }), 'block 1', 'text'),
  'text-missing': bad(block({ type: 'text' }), 'block 1', 'text', 'missing'),
  'block-unknown-type': bad(
    block({ type: 'video', data: 'AA==', mimeType: 'video/mp4' }, ...text('after').content),
    'block 1',
    'video',
  ),
  'block-without-type': bad(block(...text('a').content, { text: 'b' }), 'block 2', 'type'),
  'block-is-text': bad(block('hello'), 'block 1'),
  'block-is-null': bad(block(...text('a').content, null), 'block 2', 'null'),
  image: good(block({ type: 'image', data: 'iVBORw0KGgo=', mimeType: 'image/png' })),
  'image-without-type': bad(
    block({ type: 'image', data: 'iVBORw0KGgo=' }, ...text('x').content),
    'block 1',
    'mimeType',
  ),
  'image-not-base64': bad(
    block({ type: 'image', data: 'data:image/png;base64,iVBOR=', mimeType: 'image/png' }),
    'block 1',
    'data',
    'Base64',
  ),
  audio: good(block({ type: 'audio', data: 'UklGRg==', mimeType: 'audio/wav' })),
  'audio-without-data': bad(block({ type: 'audio', mimeType: 'audio/wav' }), 'block 1', 'data', 'missing'),
  'resource-blob': good(block({ type: 'resource', resource: { uri: 'file:///a.bin', blob: 'AAEC' } })),
  'resource-text': good(block({ type: 'resource', resource: { uri: 'file:///a.txt', text: '{"inside":1}' } })),
  'resource-empty': bad(block({ type: 'resource', resource: { uri: 'file:///a.txt' } }), 'block 1', 'text', 'blob'),
  'resource-without-uri': bad(block({ type: 'resource', resource: { text: 'a' } }), 'block 1', 'uri', 'missing'),
  'resource-missing': bad(block({ type: 'resource' }), 'block 1', 'resource', 'missing'),
  'resource-link': good(block({ type: 'resource_link', uri: 'file:///a.txt', name: 'a' })),
  'resource-link-without-name': bad(block({ type: 'resource_link', uri: 'file:///a.txt' }), 'block 1', 'name'),
  'annotation-not-a-time': bad(
    block({ type: 'text', text: 'x', annotations: { lastModified: 'yesterday' } }),
    'block 1',
    'lastModified',
  ),
  'result-of-2024-10-07': good({ toolResult: 'legacy' }),
  'unknown-members': good({ content: [{ type: 'text', text: 'x', foo: 1 }], extra: { a: 1 }, nextCursor: 'z' }),
  'unusual-characters': good(text('a\u0000b\ud800c')),
  'large-numbers': {
    server: {
      result: { ...text('x'), structuredContent: { n: 'LARGE', e: 1e21 } },
      wire: { change: (s) => s.replace('"LARGE"', '9007199254740993') },
    },
  },
  'not-a-number': {
    server: {
      result: { ...text('x'), structuredContent: { n: 'NAN' } },
      wire: { change: (s) => s.replace('"NAN"', 'NaN') },
    },
    call: fails('protocol_error', 'tools/call', 'JSON'),
    older: 'lists',
  },
  'two-mebibytes': good(text('z'.repeat(2 * 1024 * 1024))),
  'nine-mebibytes': {
    server: returns(text('z'.repeat(9 * 1024 * 1024))),
    call: fails('too_large', 'tools/call', '8 MiB'),
    clause: 'None: Armature reads at most 8 MiB of an answer, as the documentation says.',
  },
  'nested-deeply': {
    server: says(({ message: { id }, response }) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const deep = '['.repeat(20_000) + ']'.repeat(20_000);
      response.end(`{"jsonrpc":"2.0","id":${id},"result":{"content":[],"structuredContent":{"a":${deep}}}}`);
    }),
    call: fails('malformed_result', 'tools/call', 'levels'),
    clause: 'None: Armature reads at most 500 levels of nesting, as the documentation says.',
  },
  'empty-text': good(text('')),
  'empty-content': good(block()),
  'thousand-blocks': good(block(...Array.from({ length: 1000 }, () => ({ type: 'text', text: 'x' })))),
  'web-page-in-call': {
    server: says(replyHttp(200, '<html>Login</html>', { 'content-type': 'text/html' })),
    call: fails('protocol_error', 'tools/call', 'text/html'),
    older: 'lists',
  },
  'json-cut': {
    server: says(({ message: { id }, response }) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result: text('x') }).slice(0, -5));
    }),
    call: fails('protocol_error', 'tools/call', 'JSON'),
    older: 'lists',
  },
  'connection-cut': {
    server: says(({ response }) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' }).write('{"jsonrpc"');
      setImmediate(() => response.destroy());
    }),
    call: fails('unreachable', 'tools/call'),
    older: 'lists',
  },
  'empty-200': {
    server: says(replyHttp(200, '', { 'content-type': 'application/json' })),
    call: fails('protocol_error', 'tools/call', 'empty'),
    older: 'lists',
  },
  'accepted-202': { server: says(replyHttp(202)), call: fails('protocol_error', 'tools/call', '202'), older: 'lists' },
  'no-content-204': {
    server: says(replyHttp(204)),
    call: fails('protocol_error', 'tools/call', '204'),
    older: 'lists',
  },
  'call-never-answered': {
    server: says(() => undefined),
    call: fails('timeout', 'tools/call'),
    older: 'lists',
  },
  'input-required': {
    server: returns({ resultType: 'input_required', inputRequests: { q: { method: 'sampling/createMessage' } } }),
    call: {
      ok: false,
      kind: 'protocol_error',
      says: ['tools/call', 'sampling/createMessage'],
      details: { inputRequired: true },
    },
    clause: 'Server, Tools: a result has content; input_required belongs to revision 2026-07-28',
  },
  'input-required-empty': {
    server: returns({ resultType: 'input_required', inputRequests: {} }),
    call: {
      ok: false,
      kind: 'protocol_error',
      says: ['tools/call', 'input_required'],
      details: { inputRequired: true },
    },
    clause: 'Server, Tools: a result has content; input_required belongs to revision 2026-07-28',
  },
  'task-created': {
    server: returns({ task: { taskId: 't1', status: 'working', createdAt: '2026-01-01T00:00:00Z', ttl: null } }),
    call: fails('malformed_result', 'tools/call', 'task'),
    clause: 'Utilities, Tasks: a receiver returns a task only for a request with params.task',
  },
};
