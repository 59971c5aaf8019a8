import { z } from 'zod';
import { newId } from '../../context/ids.ts';
import { useCase } from '../../context/use-case.ts';
import { linkToken, readLink, spendLink } from '../link/link.ts';
import { visitInput } from '../schema.ts';
import { countAttempt, resetLimits } from '../throttle.ts';
import { checkPassword, passwordInput } from './policy.ts';

/**
 * Sets a new password by a link, and ends all sessions of the person.
 * @throws ArmatureError `resource_not_found`, `validation_failed`, `rate_limited`
 */
export const resetPassword = useCase({
  name: 'account.reset_password',
  access: 'anyone',
  input: z.object({ visit: visitInput, token: linkToken, password: passwordInput }),
  async run({ auth, db, security, requestId, now }, { visit, token, password }): Promise<{ userId: string }> {
    if (visit.network !== null) await countAttempt(db, resetLimits.network, visit.network, now());
    const { userId } = await readLink(db, 'reset_password', token, now());
    const user = await db.user.findUniqueOrThrow({
      where: { id: userId },
      select: { name: true, email: true, members: { select: { organization: { select: { id: true, name: true } } } } },
    });
    const organizations = user.members.map(({ organization }) => organization);
    checkPassword(password, { ...user, organizationNames: organizations.map(({ name }) => name) });
    const hash = await auth.hashPassword(password);
    await db.$transaction(async (tx) => {
      await spendLink(tx, 'reset_password', token, now());
      const { count } = await tx.account.updateMany({
        where: { userId, providerId: 'credential' },
        data: { password: hash },
      });
      if (count === 0)
        await tx.account.create({
          data: { id: newId(), userId, accountId: userId, providerId: 'credential', password: hash },
        });
      await tx.session.deleteMany({ where: { userId } });
    });
    await security.record({
      kind: 'password',
      outcome: 'ok',
      subject: { kind: 'user', id: userId },
      orgIds: organizations.map(({ id }) => id),
      address: visit.address,
      userAgent: visit.userAgent,
      requestId,
      detail: 'reset',
    });
    return { userId };
  },
});
