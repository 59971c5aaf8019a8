import type { TargetErrorDetails } from '../../../agent/ports.ts';
import type { Quote } from '../quote.ts';

const challengeMembers = {
  error: 'error',
  error_description: 'errorDescription',
  scope: 'scope',
} as const;

/** What a `WWW-Authenticate` header says about a refusal, if anything. */
export function readChallenge(header: string | null, quote: Quote): TargetErrorDetails['wwwAuthenticate'] | undefined {
  const found: NonNullable<TargetErrorDetails['wwwAuthenticate']> = {};
  for (const [name, value] of readParameters(header)) {
    const member = Object.entries(challengeMembers).find(([each]) => each === name)?.[1];
    if (member !== undefined) found[member] ??= quote(value, 200);
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

/** The parameters of all challenges of a `WWW-Authenticate` header, names in lower case. */
export function readParameters(header: string | null): [name: string, value: string][] {
  const parameter = /([a-z_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)(?:"|$)|'([^']*)'|([^\s",]+))/gi;
  return [...(header ?? '').slice(0, 4000).matchAll(parameter)].map(([, name = '', quoted, single, plain = '']) => [
    name.toLowerCase(),
    quoted === undefined ? (single ?? plain) : quoted.replaceAll(/\\(.)/g, '$1'),
  ]);
}
