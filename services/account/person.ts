import { ArmatureError } from '../../domain/error/error.ts';
import type { Auth, SignedIn, Visit } from '../../infra/auth/index.ts';
import type { Actor } from '../context/context.ts';

/** @throws ArmatureError `permission_denied` for API keys, Slack and Armature itself */
export function requirePerson(actor: Actor): { userId: string; orgId: string } {
  if (actor.kind === 'member') return { userId: actor.id, orgId: actor.orgId };
  throw new ArmatureError(
    'permission_denied',
    'Only a signed-in person can do this.',
    'Sign in to the dashboard, then try again.',
  );
}

/** The person behind a session cookie, who may belong to no workspace. @throws ArmatureError `unauthenticated` */
export async function requireSignedIn(auth: Auth, visit: Visit): Promise<SignedIn> {
  const person = await auth.session(visit);
  if (person) return person;
  throw new ArmatureError('unauthenticated', 'You are not signed in.', 'Sign in, then try again.');
}
