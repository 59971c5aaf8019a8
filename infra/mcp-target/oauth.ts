import { extractWWWAuthenticateParams } from '@modelcontextprotocol/client';
import { z } from 'zod';
import type { Outbound } from '../outbound/index.ts';
import { TargetError } from './error.ts';

const ResourceMetadata = z.object({ authorization_servers: z.array(z.string()).min(1) });
const ServerMetadata = z.object({ issuer: z.string() });

type Discovery = { outbound: Outbound; url: URL; signal: AbortSignal; note: (text: string, error: unknown) => void };

/**
 * The meaning of a 401 to a request without credentials: OAuth if the server says so, in `WWW-Authenticate` or its
 * metadata (RFC 9728; RFC 8414 for servers of MCP revision 2025-03-26), or else other credentials.
 * Null without a sign of OAuth.
 */
export async function oauthFailure(response: Response, discovery: Discovery): Promise<TargetError | null> {
  const { url } = discovery;
  const { resourceMetadataUrl } = extractWWWAuthenticateParams(response);
  const wellKnown = '/.well-known/oauth-protected-resource';
  const path = url.pathname === '/' ? '' : url.pathname;
  if (resourceMetadataUrl) {
    const metadata = ResourceMetadata.safeParse(await readJson(resourceMetadataUrl, discovery));
    return oauthRequired(url, metadata.data?.authorization_servers[0]);
  }
  const [atPath, atRoot, legacy] = await Promise.all([
    readJson(new URL(wellKnown + path, url), discovery),
    path === '' ? undefined : readJson(new URL(wellKnown, url), discovery),
    readJson(new URL('/.well-known/oauth-authorization-server', url), discovery),
  ]);
  for (const answer of [atPath, atRoot]) {
    const metadata = ResourceMetadata.safeParse(answer);
    if (metadata.success) return oauthRequired(url, metadata.data.authorization_servers[0]);
  }
  const server = ServerMetadata.safeParse(legacy);
  return server.success ? oauthRequired(url, server.data.issuer) : null;
}

async function readJson(url: URL, { outbound, signal, note }: Discovery): Promise<unknown> {
  try {
    const init = { headers: { accept: 'application/json' }, timeoutMs: 3000, maxBytes: 64 * 1024, signal };
    const response = await outbound.fetch(url, init);
    const text = await response.text();
    return response.ok ? JSON.parse(text) : undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    // Without metadata, the server's own answer counts.
    note('OAuth metadata could not be read', error);
    return undefined;
  }
}

function oauthRequired(url: URL, server: string | undefined): TargetError {
  const parsed = server !== undefined && URL.canParse(server) ? new URL(server) : null;
  const named = parsed?.protocol.startsWith('http')
    ? `${parsed.origin}${parsed.pathname}`.replace(/\/$/, '').slice(0, 200)
    : null;
  return new TargetError(
    'oauth_required',
    named
      ? `${url.host} asks for OAuth sign-in at ${named}, which is not supported yet.`
      : `${url.host} asks for OAuth sign-in, which is not supported yet.`,
    { details: { status: 401, ...(named && { authorizationServer: named }) } },
  );
}
