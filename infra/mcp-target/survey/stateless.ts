import { toEntries } from '../../../domain/json/json.ts';
import { firstStateless } from '../starts.ts';
import type { Ask } from './send.ts';
import { resultOf, withHeaders } from './session.ts';
import type { Surveyor } from './surveyor.ts';

const key = (name: string): string => `io.modelcontextprotocol/${name}`;

/** Asks a server in revision 2026-07-28. @returns whether it speaks it */
export async function surveyStateless(surveyor: Surveyor): Promise<boolean> {
  const { nextId, client } = surveyor;
  const meta = {
    [key('protocolVersion')]: firstStateless,
    [key('clientInfo')]: client,
    [key('clientCapabilities')]: {},
  };
  const headersOf = (method: string, name?: string): { [name: string]: string } => ({
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'mcp-protocol-version': firstStateless,
    'mcp-method': method,
    ...(name !== undefined && { 'mcp-name': name }),
  });
  type Changes = {
    params?: object;
    meta?: { [key: string]: unknown };
    name?: string;
    id?: string;
    headers?: { [name: string]: string | undefined };
  };
  const call = (step: string, method: string, given: Changes = {}): Ask => ({
    step: `stateless.${step}`,
    headers: withHeaders(headersOf(method, given.name), given.headers ?? {}),
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: given.id ?? nextId(),
      method,
      params: { ...given.params, _meta: given.meta ?? meta },
    }),
  });

  const discovered = resultOf(await surveyor.ask(call('discover', 'server/discover')));
  const versions = discovered?.get('supportedVersions');
  // A server of the older era may answer, too, with the versions that it speaks.
  if (!discovered || !Array.isArray(versions) || !versions.includes(firstStateless)) return false;
  const capabilities = toEntries(discovered.get('capabilities'));
  const declares = (name: string): boolean => capabilities?.has(name) ?? false;
  const plain = declares('tools') ? 'tools/list' : 'server/discover';
  const { [key('clientCapabilities')]: _, ...incomplete } = meta;
  const resource = 'armature://no-such-resource';
  const prompt = 'armature-no-such-prompt';

  await surveyor.askAll([
    ...(declares('tools')
      ? [
          call('tools-list', 'tools/list'),
          call('tools-list-again', 'tools/list'),
          call('bad-cursor', 'tools/list', { params: { cursor: 'armature-no-such-cursor' } }),
        ]
      : []),
    ...(declares('resources')
      ? [
          call('resources-list', 'resources/list'),
          call('templates-list', 'resources/templates/list'),
          call('unknown-resource', 'resources/read', { params: { uri: resource }, name: resource }),
        ]
      : []),
    ...(declares('prompts')
      ? [
          call('prompts-list', 'prompts/list'),
          call('unknown-prompt', 'prompts/get', { params: { name: prompt }, name: prompt }),
          call('name-mismatch', 'prompts/get', { params: { name: prompt }, name: 'another-prompt' }),
        ]
      : []),
    call('progress', plain, { meta: { ...meta, progressToken: 'armature-progress' } }),
    call('string-id', plain, { id: 'armature-text' }),
    call('unknown-method', 'armature/no-such-method'),
    { step: 'stateless.parse-error', headers: headersOf(plain), body: '{"jsonrpc": "2.0", "id": 1, "method"' },
    { step: 'stateless.invalid-request', headers: headersOf(plain), body: '{"armature": "not a message"}' },
    call('unsupported-version', plain, {
      headers: { 'mcp-protocol-version': '2099-01-01' },
      meta: { ...meta, [key('protocolVersion')]: '2099-01-01' },
    }),
    call('version-mismatch', plain, { meta: { ...meta, [key('protocolVersion')]: '2099-01-01' } }),
    call('method-mismatch', plain, { headers: { 'mcp-method': 'prompts/list' } }),
    call('no-method-header', plain, { headers: { 'mcp-method': undefined } }),
    call('no-version-header', plain, { headers: { 'mcp-protocol-version': undefined } }),
    call('no-capabilities', plain, { meta: incomplete }),
    call('with-session-id', plain, { headers: { 'mcp-session-id': '00000000-0000-4000-8000-000000000000' } }),
    call('bad-origin', plain, { headers: { origin: 'https://armature-origin-test.example' } }),
    {
      step: 'stateless.get',
      method: 'GET',
      headers: { accept: 'text/event-stream', 'mcp-protocol-version': firstStateless },
      listenMs: 300,
    },
    { step: 'stateless.delete', method: 'DELETE', headers: { 'mcp-protocol-version': firstStateless } },
  ]);
  return true;
}
