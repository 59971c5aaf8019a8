import { createAuthProfile } from '../../../services/auth-profile/create.ts';
import { completeSignIn } from '../../../services/auth-profile/sign-in/complete.ts';
import { startSignIn } from '../../../services/auth-profile/sign-in/start.ts';
import type { Context, Deps } from '../../../services/context/context.ts';
import { connectServer } from '../../../services/server/connect.ts';
import { loadEndpoint } from '../../../services/server/endpoint.ts';
import { visit } from './visit.ts';

export const session = 'a session of a browser';

type Input = { issuer?: string; clientId?: string; clientSecret?: string; privateKey?: string; scopes?: string };

/** A server that wants OAuth, with a default profile of this kind. */
export async function connectProtected(
  ctx: Context,
  url: string,
  auth: { kind: 'oauth_client_credentials' | 'oauth_authorization_code' } & Input,
): Promise<{ serverId: string; authProfileId: string }> {
  const { serverId } = await connectServer(ctx, {
    name: 'Protected',
    transport: 'streamable_http',
    url,
    auth: { kind: 'none' },
    saveAnyway: true,
  });
  if (serverId === null) throw new Error('The server was not saved.');
  const { authProfileId } = await createAuthProfile(ctx, { serverId, name: 'OAuth', auth, isDefault: true });
  return { serverId, authProfileId };
}

/** Signs in as a person in a browser does. */
export async function signIn(ctx: Context, authProfileId: string): Promise<void> {
  const { url } = await startSignIn(ctx, { authProfileId, session });
  const { search, searchParams } = await visit(url);
  await completeSignIn(ctx, { state: searchParams.get('state') ?? '', query: search.slice(1), session });
}

/** Lists the tools of a server with its default profile. */
export async function probe(deps: Deps, orgId: string, serverId: string) {
  const { endpoint } = await loadEndpoint(deps, { orgId, serverId });
  return deps.targets.probe(endpoint, { signal: new AbortController().signal });
}
