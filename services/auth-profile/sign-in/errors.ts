import { ArmatureError } from '../../../domain/error/error.ts';
import type { OAuthError } from '../../../infra/oauth/index.ts';

/** `details.issuer`: the authorization server that a person may confirm. */
export const signInFailed = ({ kind, message, remediation, issuer }: OAuthError): ArmatureError =>
  new ArmatureError('sign_in_failed', message, remediation, {
    reason: kind,
    ...(issuer !== null && (kind === 'issuer_changed' || kind === 'issuer_unconfirmed') && { issuer }),
  });

export const wrongKind = (): ArmatureError =>
  new ArmatureError(
    'conflict',
    'This auth profile is not signed in by a person.',
    'Choose a profile of the kind "OAuth, signed in by a person".',
  );

export const unknownSignIn = (): ArmatureError =>
  new ArmatureError(
    'resource_not_found',
    'This sign-in is unknown, has ended, or was started in another browser.',
    'Start it again on the page of the server.',
  );
