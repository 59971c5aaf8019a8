import { z } from 'zod';
import {
  chooseRegistration,
  methodToRegister,
  toApplicationType,
  toClientMetadata,
} from '../../domain/oauth/registration.ts';
import type { OAuthClient } from './client.ts';
import type { Discovered } from './discover.ts';
import { OAuthError } from './error.ts';
import { type Exchanges, readJson } from './exchange.ts';

const registered = z.object({
  client_id: z.string().min(1).max(2000),
  client_secret: z.string().max(5000).optional(),
  client_secret_expires_at: z.number().optional().catch(undefined),
  token_endpoint_auth_method: z.string().optional().catch(undefined),
});

/**
 * Becomes a client of the authorization server in the first way that can work here.
 * @param options.known the client at this issuer, if there is one
 * @param options.documentUrl of this installation's client metadata, where it is public
 * @throws OAuthError `needs_client`, `registration`, `unreachable`
 */
export async function findClient(
  exchanges: Exchanges,
  { metadata }: Pick<Discovered, 'metadata'>,
  { known, documentUrl, redirectUri }: { known: OAuthClient | null; documentUrl: string | null; redirectUri: string },
): Promise<OAuthClient & { isNew: boolean }> {
  const way = chooseRegistration(metadata, { clientId: known?.clientId ?? null, documentUrl });
  switch (way.way) {
    case 'known':
      return { ...known, clientId: way.clientId, isNew: false };
    case 'metadata_document':
      exchanges.note({ title: `Use the client metadata document ${way.clientId}` });
      return { clientId: way.clientId, authMethod: 'none', isNew: true };
    case 'dynamic':
      return { ...(await register(exchanges, way.endpoint, metadata, redirectUri)), isNew: true };
    case 'form':
      exchanges.note({ title: 'Choose how to register', problem: way.reason });
      throw new OAuthError(
        'needs_client',
        way.reason,
        `Create a client there with the redirect address ${redirectUri}, and enter its id (and secret) in the auth profile.`,
      );
  }
}

async function register(
  exchanges: Exchanges,
  endpoint: string,
  metadata: Discovered['metadata'],
  redirectUri: string,
): Promise<OAuthClient> {
  const method = methodToRegister(metadata);
  const answer = await exchanges.send({
    title: `Register as a ${toApplicationType(redirectUri)} client`,
    url: endpoint,
    json: toClientMetadata(redirectUri, method),
    judge: (given) => {
      const isRight = given.status === 201 && registered.safeParse(readJson(given)).success;
      return [
        {
          rule: 'registration-answer',
          verdict: isRight ? 'follows' : 'breaks',
          detail: `The registration was answered with HTTP status ${given.status}.`,
        },
      ];
    },
  });
  const { data } = registered.safeParse(readJson(answer));
  if (!data)
    throw new OAuthError(
      'registration',
      `The authorization server refused to register Armature (HTTP status ${answer.status}).`,
      `Read its answer in the trace. Or create a client there with the redirect address ${redirectUri}, and enter its id in the auth profile.`,
    );
  return {
    clientId: data.client_id,
    authMethod: data.token_endpoint_auth_method ?? (data.client_secret === undefined ? 'none' : method),
    ...(data.client_secret !== undefined && { clientSecret: data.client_secret }),
  };
}
