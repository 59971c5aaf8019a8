const split = (scope: string): string[] => scope.split(/\s+/).filter((each) => each !== '');

/** All scopes of both, each once, as a `scope` parameter. */
export const joinScopes = (...scopes: (string | undefined)[]): string =>
  [...new Set(scopes.flatMap((scope) => split(scope ?? '')))].join(' ');

export const includesScopes = (granted: string, wanted: string): boolean => {
  const has = new Set(split(granted));
  return split(wanted).every((scope) => has.has(scope));
};

/** What may decide the scopes of an authorization request. */
export type ScopeSources = {
  /** Entered by a person: they decide alone. */
  entered?: string | undefined;
  /** Asked for by the server's challenge. */
  challenged?: string | undefined;
  /** `scopes_supported` of the protected resource. */
  ofResource?: readonly string[] | undefined;
  /** `scopes_supported` of the authorization server. */
  ofServer?: readonly string[] | undefined;
  /** Whether a refresh token is wanted. */
  offline: boolean;
};

/** The `scope` of an authorization request; undefined: none is sent. */
export function chooseScope({ entered, challenged, ofResource, ofServer, offline }: ScopeSources): string | undefined {
  if (entered !== undefined && entered.trim() !== '') return joinScopes(entered);
  const needed = challenged?.trim() ? joinScopes(challenged) : joinScopes(...(ofResource ?? []));
  const withOffline = offline && ofServer?.includes('offline_access') ? joinScopes(needed, 'offline_access') : needed;
  return withOffline === '' ? undefined : withOffline;
}
