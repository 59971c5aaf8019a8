import type { TargetErrorDetails } from '../../../agent/ports.ts';
import { parseChallenges } from '../../../domain/oauth/challenge.ts';
import type { Quote } from '../quote.ts';

const challengeMembers = {
  error: 'error',
  error_description: 'errorDescription',
  scope: 'scope',
} as const;

/** What a `WWW-Authenticate` header says about a refusal, if anything. */
export function readChallenge(header: string | null, quote: Quote): TargetErrorDetails['wwwAuthenticate'] | undefined {
  const found: NonNullable<TargetErrorDetails['wwwAuthenticate']> = {};
  for (const [name, value] of parseChallenges(header).flatMap(({ parameters }) => Object.entries(parameters))) {
    const member = Object.entries(challengeMembers).find(([each]) => each === name)?.[1];
    if (member !== undefined) found[member] ??= quote(value, 200);
  }
  return Object.keys(found).length > 0 ? found : undefined;
}
