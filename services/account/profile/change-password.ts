import { z } from 'zod';
import type { Auth } from '../../../infra/auth/index.ts';
import type { Db } from '../../../infra/db/index.ts';
import { fieldError } from '../../context/errors.ts';
import { useCase } from '../../context/use-case.ts';
import { checkPassword, passwordInput } from '../password/policy.ts';
import { requireSignedIn } from '../person.ts';
import { visitInput } from '../schema.ts';
import { countAttempt, profileLimits } from '../throttle.ts';

/**
 * Changes the password of the signed-in person, and ends their other sessions.
 * @throws ArmatureError `unauthenticated`, `validation_failed` (wrong current password, or a bad new one),
 *   `rate_limited`
 */
export const changePassword = useCase({
  name: 'account.change_password',
  access: 'anyone',
  input: z.object({ visit: visitInput, currentPassword: z.string().max(256), password: passwordInput }),
  async run({ auth, db, now, requestId, security }, { visit, currentPassword, password }): Promise<{ ended: number }> {
    const person = await requireSignedIn(auth, visit);
    const { userId, name, email } = person;
    await requirePassword({ auth, db, now: now() }, { userId, password: currentPassword });
    const members = await db.member.findMany({
      where: { userId },
      select: { organization: { select: { id: true, name: true } } },
    });
    const organizations = members.map(({ organization }) => organization);
    checkPassword(password, { name, email, organizationNames: organizations.map((each) => each.name) });
    const hash = await auth.hashPassword(password);
    const ended = await db.$transaction(async (tx) => {
      await tx.account.updateMany({ where: { userId, providerId: 'credential' }, data: { password: hash } });
      // An earlier link would replace the new password.
      await tx.accountLink.deleteMany({ where: { userId, purpose: 'reset_password' } });
      const { count } = await tx.session.deleteMany({ where: { userId, id: { not: person.sessionId } } });
      return count;
    });
    await security.record({
      kind: 'password',
      outcome: 'ok',
      subject: { kind: 'user', id: userId },
      orgIds: organizations.map(({ id }) => id),
      address: visit.address,
      userAgent: visit.userAgent,
      requestId,
      detail: 'changed',
    });
    return { ended };
  },
});

/**
 * Checks the password of a person who is signed in, for what a session alone must not do.
 * @throws ArmatureError `validation_failed` at the field `currentPassword`, `rate_limited`
 */
export async function requirePassword(
  { auth, db, now }: { auth: Auth; db: Db; now: Date },
  of: { userId: string; password: string },
): Promise<void> {
  await countAttempt(db, profileLimits.password, of.userId, now);
  if (await auth.isPassword(of)) return;
  throw fieldError(
    'validation_failed',
    'currentPassword',
    'This is not your password.',
    'If you forgot it, sign out and request a new one.',
  );
}
