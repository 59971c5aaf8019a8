import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import { findOrgIds } from '../../../infra/db/queries/account.ts';
import { fieldError } from '../../context/errors.ts';
import { useCase } from '../../context/use-case.ts';
import { issueLink, linkToken, spendLink } from '../link/link.ts';
import { sendLink } from '../link/send.ts';
import { requireSignedIn } from '../person.ts';
import { emailInput, visitInput } from '../schema.ts';
import { countAttempt, profileLimits } from '../throttle.ts';
import { requirePassword } from './change-password.ts';

/**
 * Sends a link to a new address, which becomes the signed-in person's when they open it. The answer is the same if
 * another account has the address, which then gets no link.
 * @throws ArmatureError `unauthenticated`, `validation_failed` (wrong password, or their address already),
 *   `rate_limited`
 */
export const requestEmailChange = useCase({
  name: 'account.request_email_change',
  access: 'anyone',
  input: z.object({ visit: visitInput, email: emailInput, currentPassword: z.string().max(256) }),
  async run({ auth, ctx, db, now, requestId }, { visit, email, currentPassword }): Promise<{ requested: string }> {
    const { userId, ...person } = await requireSignedIn(auth, visit);
    await requirePassword({ auth, db, now: now() }, { userId, password: currentPassword });
    await countAttempt(db, profileLimits.email, userId, now());
    if (email === person.email)
      throw fieldError('validation_failed', 'email', 'This is your address already.', 'Enter the new one.');
    const other = await db.user.findUnique({ where: { email }, select: { id: true } });
    if (!other) void send().catch(report);
    return { requested: email };

    async function send(): Promise<void> {
      const { url } = await db.$transaction((tx) =>
        issueLink({ ...ctx.deps, db: tx }, { purpose: 'change_email', userId, email }),
      );
      await sendLink(ctx.deps, {
        to: email,
        subject: 'Confirm your new e-mail address',
        text: `${person.name} wants to sign in to Armature with this address.`,
        link: { button: 'Use this address', url },
        note: 'The link works once, within a day. If it was not you, ignore this message: nothing changes.',
      });
    }
    function report(error: unknown): void {
      ctx.deps.log.error({ err: error, requestId }, 'the link to change an address was not created');
    }
  },
});

/**
 * Makes the address that a link was sent to the person's, and notifies the old one.
 * @throws ArmatureError `resource_not_found`, `conflict` (another account has it by now)
 */
export const changeEmail = useCase({
  name: 'account.change_email',
  access: 'anyone',
  input: z.object({ token: linkToken }),
  async run({ ctx, db, now, requestId, security }, { token }): Promise<{ email: string }> {
    const { userId, email, before } = await db.$transaction(async (tx) => {
      const link = await spendLink(tx, 'change_email', token, now());
      if (await tx.user.findUnique({ where: { email: link.email }, select: { id: true } }))
        throw new ArmatureError(
          'conflict',
          'Another account has this address by now.',
          'Sign in and choose another address.',
        );
      const user = await tx.user.findUniqueOrThrow({ where: { id: link.userId }, select: { email: true } });
      await tx.user.update({ where: { id: link.userId }, data: { email: link.email, emailVerified: true } });
      // Links that were sent to the old address.
      await tx.accountLink.deleteMany({ where: { userId: link.userId } });
      return { ...link, before: user.email };
    });
    await security.record({
      kind: 'email',
      outcome: 'ok',
      subject: { kind: 'user', id: userId },
      orgIds: await findOrgIds(db, userId),
      address: ctx.address ?? null,
      requestId,
      detail: 'changed',
    });
    void sendLink(ctx.deps, {
      to: before,
      subject: 'Your e-mail address was changed',
      text: `Your account at Armature now has the address ${email}. You sign in with that one.`,
      note: 'If it was not you, ask an admin of your workspace to remove you, and the operator for help.',
    });
    return { email };
  },
});
