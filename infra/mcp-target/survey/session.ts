import { toEntries } from '../../../domain/json/json.ts';
import type { Exchange } from '../../../domain/report/evidence.ts';
import type { Ask } from './send.ts';
import type { Surveyor } from './surveyor.ts';

const latest = '2025-11-25';
const accept = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
const foreignOrigin = 'https://armature-origin-test.example';

/** Asks a server in the revisions with sessions. @returns the negotiated revision; null if it doesn't speak them */
export async function surveySession(surveyor: Surveyor): Promise<string | null> {
  const { nextId, client } = surveyor;
  const initialize = (step: string, version: string, headers: { [name: string]: string } = {}): Ask => ({
    step: `session.${step}`,
    headers: { ...accept, ...headers },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: nextId(),
      method: 'initialize',
      params: { protocolVersion: version, capabilities: {}, clientInfo: client },
    }),
  });

  const first = await surveyor.ask(initialize('initialize', latest));
  const result = resultOf(first);
  const revision = result?.get('protocolVersion');
  if (typeof revision !== 'string') return null;
  const sessionId = first?.answer?.headers['mcp-session-id'];
  const headers = {
    ...accept,
    'mcp-protocol-version': revision,
    ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
  };
  const capabilities = toEntries(result?.get('capabilities'));
  const declares = (name: string): boolean => capabilities?.has(name) ?? false;
  const post = (step: string, message: object, changed: { [name: string]: string | undefined } = {}): Ask => ({
    step: `session.${step}`,
    headers: withHeaders(headers, changed),
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  });
  const call = (step: string, method: string, params?: object, changed?: { [name: string]: string | undefined }): Ask =>
    post(step, { id: nextId(), method, ...(params && { params }) }, changed);

  await surveyor.ask(post('initialized', { method: 'notifications/initialized' }));
  await surveyor.askAll([
    call('ping', 'ping'),
    call('tools-list', 'tools/list'),
    call('tools-list-again', 'tools/list'),
    call('resources-list', 'resources/list'),
    call('prompts-list', 'prompts/list'),
    ...(declares('tools') ? [call('bad-cursor', 'tools/list', { cursor: 'armature-no-such-cursor' })] : []),
    ...(declares('resources')
      ? [
          call('templates-list', 'resources/templates/list'),
          call('unknown-resource', 'resources/read', { uri: 'armature://no-such-resource' }),
        ]
      : []),
    ...(declares('prompts') ? [call('unknown-prompt', 'prompts/get', { name: 'armature-no-such-prompt' })] : []),
    ...(declares('logging') ? [call('bad-log-level', 'logging/setLevel', { level: 'armature-no-such-level' })] : []),
    call('progress', declares('tools') ? 'tools/list' : 'ping', { _meta: { progressToken: 'armature-progress' } }),
    post('string-id', { id: 'armature-text', method: 'ping' }),
    call('unknown-method', 'armature/no-such-method'),
    { step: 'session.parse-error', headers, body: '{"jsonrpc": "2.0", "id": 1, "method"' },
    { step: 'session.invalid-request', headers, body: '{"armature": "not a message"}' },
    { step: 'session.batch', headers, body: JSON.stringify([{ jsonrpc: '2.0', id: nextId(), method: 'ping' }]) },
    call('bad-version-header', 'ping', undefined, { 'mcp-protocol-version': '1999-01-01' }),
    ...(sessionId === undefined
      ? []
      : [
          call('no-session-id', 'ping', undefined, { 'mcp-session-id': undefined }),
          call('unknown-session', 'ping', undefined, { 'mcp-session-id': '00000000-0000-4000-8000-000000000000' }),
        ]),
    post('unknown-notification', { method: 'notifications/armature-no-such-notification' }),
    { step: 'session.get', method: 'GET', headers: { ...headers, accept: 'text/event-stream' }, listenMs: 300 },
  ]);
  await surveyor.ask(
    post('cancel-unknown', { method: 'notifications/cancelled', params: { requestId: 999_999, reason: 'a test' } }),
  );
  await surveyor.ask(call('ping-after-cancel', 'ping'));
  await surveyor.ask(call('ping-last', 'ping'));
  // Each of these begins a session of its own, which is ended again.
  const others = await surveyor.askAll([
    initialize('initialize-unknown-version', '1999-01-01'),
    initialize('initialize-older-version', '2025-03-26'),
    initialize('bad-origin', latest, { origin: foreignOrigin }),
  ]);
  await surveyor.endSessions(
    others.flatMap((exchange) => exchange?.answer?.headers['mcp-session-id'] ?? []),
    accept,
  );
  if (sessionId !== undefined) {
    await surveyor.ask({
      step: 'session.delete',
      method: 'DELETE',
      headers: withHeaders(headers, { 'content-type': undefined }),
    });
    await surveyor.ask(call('after-delete', 'ping'));
  }
  return revision;
}

/** @param changed undefined removes a header */
export const withHeaders = (
  headers: { [name: string]: string },
  changed: { [name: string]: string | undefined },
): { [name: string]: string } =>
  Object.fromEntries(
    Object.entries({ ...headers, ...changed }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

export function resultOf(exchange: Exchange | null): Map<string, unknown> | null {
  const answered = exchange?.answer?.messages.map(toEntries).find((message) => message?.has('result'));
  return toEntries(answered?.get('result'));
}
