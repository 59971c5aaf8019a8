import { type OAuthChallenge, readOAuthChallenge } from '../../domain/oauth/challenge.ts';
import { type Finding, toFinding } from '../../domain/oauth/rules.ts';
import type { Answer, Exchanges } from './exchange.ts';

/** A server under test, as it is asked without a token. */
export type Asked = {
  serverUrl: string;
  transport: 'streamable_http' | 'sse';
  /** Headers and cookies that the server wants beside a token. */
  headers: { [name: string]: string };
};

const clientInfo = { name: 'armature', version: '1' };
const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo },
};
const stateless = '2026-07-28';
const discoverRequest = {
  jsonrpc: '2.0',
  id: 1,
  method: 'server/discover',
  params: {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': stateless,
      'io.modelcontextprotocol/clientInfo': clientInfo,
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
};

/** The first request of a client of either era, without a token. */
export async function askServer(
  exchanges: Exchanges,
  { serverUrl, transport, headers }: Asked,
): Promise<OAuthChallenge> {
  const ask = (more: { json?: object; headers: { [name: string]: string }; isLast: boolean }) =>
    exchanges.send({
      title: 'Ask the server without a token',
      url: serverUrl,
      headersOnly: true,
      ...(more.json && { json: more.json }),
      headers: { ...headers, ...more.headers },
      // A server of the older era may not know the question of the newer one.
      judge: (answer) => (answer.status === 401 || more.isLast ? judgeChallenge(answer) : []),
    });
  const accept = 'application/json, text/event-stream';
  const first =
    transport === 'sse'
      ? await ask({ headers: { accept: 'text/event-stream' }, isLast: true })
      : await ask({
          json: discoverRequest,
          headers: { accept, 'mcp-protocol-version': stateless, 'mcp-method': discoverRequest.method },
          isLast: false,
        });
  const isAnswered = first.status === 401 || transport === 'sse';
  const answer = isAnswered ? first : await ask({ json: initialize, headers: { accept }, isLast: true });
  return readOAuthChallenge(answer.headers.get('www-authenticate'));
}

function judgeChallenge({ status, headers }: Answer): Finding[] {
  const isRefused = status === 401;
  const findings = [toFinding('refuses-without-token', isRefused, `The server answered with HTTP status ${status}.`)];
  if (!isRefused) return findings;
  const { resourceMetadata, scope } = readOAuthChallenge(headers.get('www-authenticate'));
  return [
    ...findings,
    toFinding(
      'challenge-names-metadata',
      resourceMetadata !== undefined,
      resourceMetadata === undefined
        ? 'WWW-Authenticate has no resource_metadata.'
        : 'WWW-Authenticate has resource_metadata.',
    ),
    toFinding(
      'challenge-names-scope',
      scope !== undefined,
      scope === undefined ? 'WWW-Authenticate has no scope.' : 'WWW-Authenticate has a scope.',
    ),
    ...(scope?.split(' ').includes('offline_access')
      ? [toFinding('no-offline-access', false, 'The challenge asks for offline_access.')]
      : []),
  ];
}
