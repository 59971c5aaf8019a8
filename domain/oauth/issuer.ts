/** Why the answer to an authorization request can't be trusted. Null: it can. */
export function issuerProblem(
  expected: { issuer: string; announcesIss: boolean },
  iss: string | undefined,
): 'missing' | 'different' | null {
  // Simple string comparison, without any normalization (RFC 9207, 2.4).
  if (iss === undefined) return expected.announcesIss ? 'missing' : null;
  return iss === expected.issuer ? null : 'different';
}

/**
 * The authorization server to use of those that a server names: the one that the profile is bound to, or the first.
 * `changed`: the profile is bound to one that the server no longer names.
 */
export function chooseIssuer(
  named: readonly string[],
  bound: string | null,
): { issuer: string; changed: false } | { issuer: string | null; changed: true } {
  if (bound !== null && named.length > 0 && !named.includes(bound)) return { issuer: named[0] ?? null, changed: true };
  const issuer = bound ?? named[0];
  return issuer === undefined ? { issuer: null, changed: true } : { issuer, changed: false };
}
