/** One challenge of a `WWW-Authenticate` header. Names of parameters are in lower case. */
export type Challenge = { scheme: string; parameters: { [name: string]: string } };

/** Longer headers are cut: they come from servers under test. */
const maxLength = 8000;
const part =
  /[\s,]*(?:([!#$%&'*+.^_`|~0-9a-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)(?:"|$)|'([^']*)'|([^\s",]+))|([!#$%&'*+.^_`|~0-9a-z-]+)(?=[\s,]|$))/giy;

/**
 * Reads all challenges of a `WWW-Authenticate` header (RFC 9110, 11.6.1). Tolerates single quotes, a missing end quote
 * and parameters without a scheme, which servers send.
 */
export function parseChallenges(header: string | null): Challenge[] {
  const challenges: Challenge[] = [];
  for (const match of (header ?? '').slice(0, maxLength).matchAll(part)) {
    const [, name, quoted, single, plain, scheme] = match;
    if (scheme !== undefined) {
      challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
      continue;
    }
    if (name === undefined) continue;
    let current = challenges.at(-1);
    if (!current) {
      current = { scheme: '', parameters: {} };
      challenges.push(current);
    }
    const value = quoted === undefined ? (single ?? plain ?? '') : quoted.replaceAll(/\\(.)/g, '$1');
    if (!Object.hasOwn(current.parameters, name.toLowerCase()))
      Object.defineProperty(current.parameters, name.toLowerCase(), { value, enumerable: true });
  }
  return challenges;
}

/** What a refusal says about OAuth: of its `Bearer` challenge, or of the parameters of any other. */
export type OAuthChallenge = { resourceMetadata?: string; scope?: string; error?: string; errorDescription?: string };

export function readOAuthChallenge(header: string | null): OAuthChallenge {
  const challenges = parseChallenges(header);
  const chosen =
    challenges.find(({ scheme, parameters }) => scheme === 'bearer' && 'resource_metadata' in parameters) ??
    challenges.find(({ scheme }) => scheme === 'bearer') ??
    challenges.find(({ parameters }) => 'resource_metadata' in parameters) ??
    challenges[0];
  const { resource_metadata, scope, error, error_description } = chosen?.parameters ?? {};
  return {
    ...(resource_metadata !== undefined && { resourceMetadata: resource_metadata }),
    ...(scope !== undefined && { scope }),
    ...(error !== undefined && { error }),
    ...(error_description !== undefined && { errorDescription: error_description }),
  };
}
