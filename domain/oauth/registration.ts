import type { ServerMetadata } from './metadata.ts';

/** How Armature becomes a client of an authorization server. `form`: a person has to enter a client id. */
export type RegistrationWay =
  | { way: 'known'; clientId: string }
  | { way: 'metadata_document'; clientId: string }
  | { way: 'dynamic'; endpoint: string }
  | { way: 'form'; reason: string };

/**
 * The first way that can work here.
 * @param client.documentUrl where this installation publishes its client metadata; null: it isn't public over https
 */
export function chooseRegistration(
  metadata: Pick<ServerMetadata, 'client_id_metadata_document_supported' | 'registration_endpoint'>,
  { clientId, documentUrl }: { clientId: string | null; documentUrl: string | null },
): RegistrationWay {
  if (clientId !== null) return { way: 'known', clientId };
  const takesDocument = metadata.client_id_metadata_document_supported === true;
  if (takesDocument && documentUrl !== null) return { way: 'metadata_document', clientId: documentUrl };
  if (metadata.registration_endpoint !== undefined) return { way: 'dynamic', endpoint: metadata.registration_endpoint };
  return {
    way: 'form',
    reason: takesDocument
      ? 'The authorization server reads client metadata documents, but this installation has no public https address, and it registers no clients by itself.'
      : 'The authorization server neither registers clients by itself nor reads client metadata documents.',
  };
}

/** The name of Armature at authorization servers, which their consent pages show. */
export const clientName = 'Armature';

/** `native`: the redirect goes to this machine. */
export const toApplicationType = (redirectUri: string): 'web' | 'native' =>
  /^http:\/\/(127\.|localhost[:/]|\[::1\])/.test(redirectUri) ? 'native' : 'web';

/** The body of a dynamic registration (RFC 7591), and the part of a client metadata document that they share. */
export function toClientMetadata(redirectUri: string, authMethod: ClientAuthMethod) {
  return {
    client_name: clientName,
    application_type: toApplicationType(redirectUri),
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: authMethod,
  };
}

export const clientAuthMethods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;
export type ClientAuthMethod = (typeof clientAuthMethods)[number];

const isAuthMethod = (method: string): method is ClientAuthMethod =>
  clientAuthMethods.some((known) => known === method);

/**
 * How a client with these credentials authenticates, among what the server takes. RFC 8414: without a list, it takes
 * `client_secret_basic`.
 */
export function chooseAuthMethod(
  { token_endpoint_auth_methods_supported: listed }: Pick<ServerMetadata, 'token_endpoint_auth_methods_supported'>,
  has: { secret: boolean; privateKey: boolean; registeredAs?: string | undefined },
): ClientAuthMethod {
  if (has.registeredAs !== undefined && isAuthMethod(has.registeredAs)) return has.registeredAs;
  if (has.privateKey) return 'private_key_jwt';
  if (!has.secret) return 'none';
  if (listed === undefined || listed.includes('client_secret_basic')) return 'client_secret_basic';
  return listed.includes('client_secret_post') ? 'client_secret_post' : 'client_secret_basic';
}

/** The method to register with: without a secret where the server takes that. */
export const methodToRegister = ({
  token_endpoint_auth_methods_supported: listed = ['client_secret_basic'],
}: Pick<ServerMetadata, 'token_endpoint_auth_methods_supported'>): ClientAuthMethod =>
  (['none', 'client_secret_basic', 'client_secret_post'] as const).find((method) => listed.includes(method)) ?? 'none';
