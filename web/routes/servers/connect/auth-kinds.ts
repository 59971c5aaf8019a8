const kinds: { [kind: string]: string } = {
  none: 'No credential',
  bearer: 'Bearer token',
  oauth_client_credentials: 'OAuth, with client credentials',
  oauth_authorization_code: 'OAuth, by signing in',
};

/** What an auth profile sends, as pages name it. */
export const authKindLabel = ({ kind, header }: { kind: string; header: string | null }): string =>
  kind === 'api_key_header' ? `API key in ${header ?? 'a header'}` : (kinds[kind] ?? kind);
