/**
 * `discovery`: metadata is missing or wrong. `issuer_changed`, `issuer_unconfirmed`: a person has to confirm the
 * authorization server. `needs_client`: a person has to enter a client id. `callback`: the answer to the request can't
 * be trusted. `ended`: the sign-in is over. `later`: the same request may succeed soon. `refused`: it won't.
 */
export type OAuthErrorKind =
  | 'unreachable'
  | 'discovery'
  | 'issuer_changed'
  | 'issuer_unconfirmed'
  | 'no_pkce'
  | 'needs_client'
  | 'registration'
  | 'denied'
  | 'callback'
  | 'ended'
  | 'client'
  | 'later'
  | 'refused';

const brand = Symbol.for('armature.oauth-error');

/** Failure of a sign-in. `message` is for people, and without credentials. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly [brand] = true;
  readonly kind: OAuthErrorKind;
  /** What to do about it, one or two sentences. */
  readonly remediation: string;
  /** The authorization server to confirm. */
  readonly issuer: string | null;

  constructor(kind: OAuthErrorKind, message: string, remediation: string, options: { issuer?: string } = {}) {
    super(message);
    this.kind = kind;
    this.remediation = remediation;
    this.issuer = options.issuer ?? null;
  }
}

/** True across copies of this module: the dashboard's bundle has its own. */
export const isOAuthError = (error: unknown): error is OAuthError =>
  typeof error === 'object' && error !== null && brand in error;
