import { z } from 'zod';
import { resourceMetadataAddresses } from '../../../domain/oauth/addresses.ts';
import { readOAuthChallenge } from '../../../domain/oauth/challenge.ts';
import type { Outbound } from '../../outbound/index.ts';
import { TargetError } from '../error.ts';

const ResourceMetadata = z.object({ authorization_servers: z.array(z.string()).min(1) });
const ServerMetadata = z.object({ issuer: z.string() });

type Discovery = { outbound: Outbound; url: URL; signal: AbortSignal; note: (text: string, error: unknown) => void };

/**
 * The meaning of a 401 to a request without credentials: OAuth if the server says so, in `WWW-Authenticate` or its
 * metadata (RFC 9728; RFC 8414 for servers of MCP revision 2025-03-26), or else other credentials.
 * Null without a sign of OAuth.
 */
export async function oauthFailure(
  headers: Headers,
  { details }: TargetError,
  discovery: Discovery,
): Promise<TargetError | null> {
  const { url } = discovery;
  const required = (server: string | undefined): TargetError => oauthRequired(url, server, details);
  const { resourceMetadata: named } = readOAuthChallenge(headers.get('www-authenticate'));
  if (named !== undefined && URL.canParse(named)) {
    const metadata = ResourceMetadata.safeParse(await readJson(new URL(named), discovery));
    return required(metadata.data?.authorization_servers[0]);
  }
  const [legacy, ...answers] = await Promise.all(
    [new URL('/.well-known/oauth-authorization-server', url).href, ...resourceMetadataAddresses(url.href)].map((each) =>
      readJson(new URL(each), discovery),
    ),
  );
  for (const answer of answers) {
    const metadata = ResourceMetadata.safeParse(answer);
    if (metadata.success) return required(metadata.data.authorization_servers[0]);
  }
  const server = ServerMetadata.safeParse(legacy);
  return server.success ? required(server.data.issuer) : null;
}

/**
 * Reads what a target names. Elsewhere than at its own origin, only public addresses over https are called: the target
 * must not choose what is requested within allowed networks. Without the query, which could ask for an action.
 */
async function readJson(named: URL, { outbound, url, signal, note }: Discovery): Promise<unknown> {
  try {
    const response = await outbound.fetch(new URL(named.pathname, named.origin), {
      headers: { accept: 'application/json' },
      timeoutMs: 3000,
      maxBytes: 64 * 1024,
      signal,
      publicOnly: named.origin !== url.origin,
    });
    const text = await response.text();
    return response.ok ? JSON.parse(text) : undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    // Without metadata, the server's own answer counts.
    note('OAuth metadata could not be read', error);
    return undefined;
  }
}

/** Names the authorization server by its origin only: the rest would be a text of the target's choice. */
function oauthRequired(url: URL, server: string | undefined, details: TargetError['details']): TargetError {
  const parsed = server !== undefined && URL.canParse(server) ? new URL(server) : null;
  const named = parsed?.protocol.startsWith('http') ? parsed.origin : null;
  return new TargetError(
    'oauth_required',
    named ? `${url.host} requires an OAuth sign-in at ${named}.` : `${url.host} requires an OAuth sign-in.`,
    { details: { ...details, status: 401, ...(named && { authorizationServer: named }) } },
  );
}
