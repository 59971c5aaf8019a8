import type { WireAnswer } from '../evidence.ts';
import {
  all,
  answers,
  before,
  type Change,
  document,
  error,
  header,
  http,
  ok,
  reply,
  result,
  tools,
} from './changes.cases.ts';

export type Kind = 'both' | 'stateless' | 'oauth';
/** How a server breaks a rule. `prepare`: what a server that the rule is about has, which the good ones lack. */
type Break = {
  rule: string;
  kind?: Kind;
  prepare?: Change;
  apply: Change;
};

const inEra = (era: 'session' | 'stateless'): Break[] => {
  const at = (step: string): string => `${era}.${step}`;
  const list = at('tools-list');
  const stream: Partial<WireAnswer> = { isStream: true };
  const badTool = { name: 'x', inputSchema: { type: 'string' } };
  return [
    { rule: `${era}-content-type`, apply: header(list, 'content-type', 'text/plain') },
    { rule: `${era}-result-status`, apply: http(list, { status: 201 }) },
    { rule: `${era}-readable`, apply: http(list, { problems: ['The body is not JSON: "oops".'] }) },
    {
      rule: `${era}-event-name`,
      apply: http(at('progress'), { events: [{ name: 'rpc', data: '{"jsonrpc":"2.0"}' }] }),
    },
    { rule: `${era}-stream-ends`, apply: http(at('progress'), { ...stream, ended: false }) },
    { rule: `${era}-origin-local`, apply: ok(at('bad-origin')) },
    {
      rule: `${era}-origin-public`,
      prepare: (evidence) => Object.assign(evidence, { url: 'https://shop.example.com/mcp' }),
      apply: ok(at('bad-origin')),
    },
    { rule: `${era}-jsonrpc`, apply: reply(list, { jsonrpc: '1.0', result: {} }) },
    { rule: `${era}-answer-id`, apply: reply(list, { id: 'another', result: {} }) },
    { rule: `${era}-result-or-error`, apply: reply(list, { result: {}, error: { code: 1, message: 'no' } }) },
    { rule: `${era}-result-object`, apply: ok(list, []) },
    { rule: `${era}-answered-once`, apply: before(list, { id: 99, result: {} }) },
    {
      rule: `${era}-meta`,
      prepare: result(list, { _meta: { 'com.example/key': 1 } }),
      apply: result(list, { _meta: { '-bad/key': 1 } }),
    },
    {
      rule: `${era}-notification-shape`,
      apply: before(at('progress'), { method: 'notifications/message', params: 'text' }),
    },
    { rule: `${era}-text-id`, apply: reply(at('string-id'), { id: 0, result: {} }) },
    {
      rule: `${era}-progress`,
      apply: before(at('progress'), { method: 'notifications/progress', params: { progressToken: 'x', progress: 1 } }),
    },
    {
      rule: `${era}-no-unasked-progress`,
      apply: before(list, { method: 'notifications/progress', params: { progressToken: 1, progress: 1 } }),
    },
    { rule: `${era}-unknown-method`, apply: error(at('unknown-method'), -32603) },
    { rule: `${era}-parse-error`, apply: error(at('parse-error'), -32603, 500) },
    { rule: `${era}-invalid-request`, apply: http(at('invalid-request'), { status: 200, messages: [] }) },
    { rule: `${era}-no-crash`, apply: http(at('parse-error'), { status: 500 }) },
    { rule: `${era}-error-code`, apply: error(at('unknown-method'), '-32601') },
    { rule: `${era}-error-message`, apply: error(at('unknown-method'), -32601, 404, '') },
    { rule: `${era}-bad-cursor`, apply: ok(at('bad-cursor'), { tools: [] }) },
    { rule: `${era}-unknown-prompt`, apply: error(at('unknown-prompt'), 0) },
    { rule: `${era}-tools-list-valid`, apply: result(list, { tools: [badTool] }) },
    { rule: `${era}-resources-list-valid`, apply: result(at('resources-list'), { resources: [{ name: 'x' }] }) },
    {
      rule: `${era}-templates-list-valid`,
      apply: result(at('templates-list'), { resourceTemplates: [{ name: 'x', uri: 'x' }] }),
    },
    { rule: `${era}-prompts-list-valid`, apply: result(at('prompts-list'), { nextCursor: 7 }) },
    { rule: `${era}-stable-order`, apply: result(at('tools-list-again'), { tools: [] }) },
  ];
};

const refusal = (id: string, step: string): Break[] => [
  { rule: `${id}-status`, apply: http(step, { status: 200 }) },
  { rule: `${id}-code`, apply: ok(step) },
];

const lifecycle: Break[] = [
  { rule: 'initialize-version', apply: result('session.initialize', { protocolVersion: '1.0' }) },
  {
    rule: 'initialize-unknown-version',
    apply: result('session.initialize-unknown-version', { protocolVersion: '1999-01-01' }),
  },
  { rule: 'initialize-older-version', apply: error('session.initialize-older-version', -32602) },
  { rule: 'initialize-latest-version', apply: result('session.initialize', { protocolVersion: '2024-11-05' }) },
  { rule: 'initialize-server-info', apply: result('session.initialize', { serverInfo: { name: 'x' } }) },
  { rule: 'initialize-capabilities', apply: result('session.initialize', { capabilities: { tools: true } }) },
  { rule: 'initialize-instructions', apply: result('session.initialize', { instructions: ['Tidy up.'] }) },
  { rule: 'initialize-no-early-requests', apply: before('session.initialize', { id: 1, method: 'roots/list' }) },
  { rule: 'initialized-accepted', apply: http('session.initialized', { status: 200 }) },
  { rule: 'ping', apply: ok('session.ping', { pong: true }) },
  ...['tools', 'resources', 'prompts'].flatMap((capability): Break[] => [
    { rule: `declared-${capability}`, apply: error(`session.${capability}-list`, -32601) },
    {
      rule: `undeclared-${capability}`,
      prepare: all(result('session.initialize', { capabilities: {} }), error(`session.${capability}-list`, -32601)),
      apply: ok(`session.${capability}-list`, { [capability]: [{}] }),
    },
  ]),
  { rule: 'logging-level', apply: ok('session.bad-log-level') },
];

const transport: Break[] = [
  { rule: 'session-get', apply: http('session.get', { status: 200, headers: { 'content-type': 'text/html' } }) },
  {
    rule: 'session-get-no-responses',
    apply: http('session.get', { isStream: true, messages: [{ id: 1, result: {} }] }),
  },
  { rule: 'stateless-get', kind: 'stateless', apply: http('stateless.get', { status: 200 }) },
  { rule: 'stateless-delete', kind: 'stateless', apply: http('stateless.delete', { status: 200 }) },
  { rule: 'version-header', apply: ok('session.bad-version-header') },
  { rule: 'notification-accepted', apply: http('session.unknown-notification', { status: 200 }) },
  { rule: 'notification-without-body', apply: http('session.initialized', { body: '{"ok":true}' }) },
  { rule: 'cancellation-ignored', apply: http('session.cancel-unknown', { status: 400 }) },
  { rule: 'cancellation-keeps-session', apply: error('session.ping-after-cancel', -32000) },
  { rule: 'stateless-buffering', apply: header('stateless.progress', 'x-accel-buffering', 'yes') },
  {
    rule: 'event-ids-unique',
    apply: http('session.progress', {
      events: [
        { id: '1', data: '' },
        { id: '1', data: '' },
      ],
    }),
  },
  {
    rule: 'encrypted',
    prepare: (evidence) => Object.assign(evidence, { url: 'https://shop.example.com/mcp' }),
    apply: (evidence) => Object.assign(evidence, { url: 'http://shop.example.com/mcp' }),
  },
  {
    rule: 'undeclared-client-requests',
    apply: before('session.tools-list', { id: 1, method: 'sampling/createMessage' }),
  },
  { rule: 'stateless-no-requests', apply: before('stateless.tools-list', { id: 1, method: 'ping' }) },
  { rule: 'session-batch', apply: ok('session.batch') },
  {
    rule: 'no-stack-traces',
    apply: http('session.unknown-method', { body: '{"error":"TypeError\\n    at run (/srv/a.js:1:2)"}' }),
  },
];

const errors: Break[] = [
  { rule: 'session-unknown-resource', apply: ok('session.unknown-resource') },
  { rule: 'session-templates', apply: error('session.templates-list', -32601) },
  { rule: 'stateless-unknown-resource', apply: error('stateless.unknown-resource', -32002, 400) },
  { rule: 'stateless-unknown-method-status', apply: http('stateless.unknown-method', { status: 200 }) },
  { rule: 'stateless-reserved-codes', apply: error('stateless.unknown-resource', -32050) },
  { rule: 'stateless-retired-codes', apply: error('stateless.unknown-resource', -32002) },
  { rule: 'stateless-legacy-codes', apply: error('stateless.unknown-resource', -32001) },
];

const sessions: Break[] = [
  { rule: 'session-id-characters', apply: header('session.initialize', 'mcp-session-id', 'a session of a shop') },
  { rule: 'session-id-secure', apply: header('session.initialize', 'mcp-session-id', '17') },
  { rule: 'session-id-required', apply: error('session.no-session-id', -32000, 404) },
  { rule: 'session-unknown', apply: error('session.unknown-session', -32000, 400) },
  { rule: 'session-delete', apply: http('session.delete', { status: 500 }) },
  { rule: 'session-ended', apply: ok('session.after-delete') },
  { rule: 'session-stays', apply: error('session.ping-last', -32000, 404) },
];

const stateless: Break[] = [
  { rule: 'discover-versions', apply: result('stateless.discover', { supportedVersions: ['2025-11-25'] }) },
  { rule: 'discover-capabilities', apply: result('stateless.discover', { capabilities: [] }) },
  { rule: 'discover-server-info', apply: result('stateless.discover', { _meta: undefined }) },
  { rule: 'result-type', apply: result('stateless.tools-list', { resultType: undefined }) },
  ...refusal('unsupported-version', 'stateless.unsupported-version'),
  { rule: 'unsupported-version-data', apply: error('stateless.unsupported-version', -32022, 400) },
  ...refusal('version-mismatch', 'stateless.version-mismatch'),
  ...refusal('method-mismatch', 'stateless.method-mismatch'),
  ...refusal('name-mismatch', 'stateless.name-mismatch'),
  ...refusal('method-header-missing', 'stateless.no-method-header'),
  ...refusal('capabilities-missing', 'stateless.no-capabilities'),
  { rule: 'version-header-missing', kind: 'stateless', apply: ok('stateless.no-version-header') },
  { rule: 'no-session-id', apply: header('stateless.discover', 'mcp-session-id', 'x') },
  { rule: 'session-id-ignored', apply: error('stateless.with-session-id', -32001, 404) },
  {
    rule: 'initialize-refused-helpfully',
    kind: 'stateless',
    apply: http('session.initialize', { body: '{"error":{"code":-32601,"message":"Method not found"}}' }),
  },
  { rule: 'cache-hints', apply: result('stateless.tools-list', { ttlMs: -1 }) },
];

const lists: Break[] = [
  { rule: 'list-complete', apply: tools({ complete: false, warnings: ['Page 2 repeats page 1.'] }) },
  { rule: 'tools-usable', apply: tools({ unusable: [{ name: 'x', reasons: ['inputSchema is missing.'] }] }) },
  {
    rule: 'schemas-valid',
    apply: tools({ tools: [{ name: 'x', inputSchema: {}, warnings: ['inputSchema.required is the string "a".'] }] }),
  },
  {
    rule: 'mirrored-headers',
    apply: tools({
      tools: [{ name: 'x', inputSchema: { properties: { a: { type: 'number', 'x-mcp-header': 'A' } } } }],
    }),
  },
];

const results: Break[] = [
  { rule: 'structured-content', apply: answers({ structuredContent: undefined }) },
  { rule: 'output-schema', apply: answers({ schemaIssue: 'count must be a whole number.' }) },
  { rule: 'structured-text', apply: answers({ content: [] }) },
  {
    rule: 'content-blocks',
    apply: answers({ content: [{ type: 'image', data: 'not base64!', mimeType: 'image/png' }] }),
  },
  { rule: 'error-text', apply: answers({ content: [] }, 1) },
  { rule: 'invalid-arguments', apply: answers({ isError: false }, 1) },
];

const metadata = 'auth.resource-metadata';
const server = 'auth.server-metadata';
const signIn: Break[] = [
  { rule: 'auth-required', apply: ok('auth.none') },
  { rule: 'auth-unknown-token', apply: ok('auth.unknown-token') },
  { rule: 'auth-expired-token', apply: ok('auth.expired-token') },
  { rule: 'auth-other-audience', apply: http('auth.other-audience', { status: 403 }) },
  { rule: 'auth-challenge', apply: http('auth.none', { headers: {} }) },
  { rule: 'auth-challenge-metadata', apply: header('auth.none', 'www-authenticate', 'Bearer') },
  { rule: 'auth-challenge-scope', apply: header('auth.none', 'www-authenticate', 'Bearer resource_metadata="x"') },
  { rule: 'auth-invalid-token-error', apply: header('auth.unknown-token', 'www-authenticate', 'Bearer') },
  { rule: 'resource-metadata', apply: http(metadata, { status: 404, messages: [] }) },
  { rule: 'resource-metadata-resource', apply: document(metadata, { resource: 'https://other.example/mcp' }) },
  { rule: 'resource-metadata-servers', apply: document(metadata, { authorization_servers: [] }) },
  { rule: 'server-metadata', apply: http(server, { status: 404, messages: [] }) },
  { rule: 'server-metadata-issuer', apply: document(server, { issuer: 'https://other.example' }) },
  { rule: 'server-metadata-pkce', apply: document(server, { code_challenge_methods_supported: ['plain'] }) },
  { rule: 'server-metadata-registration', apply: document(server, { issuer: 'x' }) },
  { rule: 'server-metadata-iss', apply: document(server, { issuer: 'x' }) },
].map((each) => ({ ...each, kind: 'oauth' as const }));

export const breaks: readonly Break[] = [
  ...lifecycle,
  ...inEra('session'),
  ...inEra('stateless'),
  ...transport,
  ...errors,
  ...sessions,
  ...stateless,
  ...lists,
  ...results,
  ...signIn,
];
