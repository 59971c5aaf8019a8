import { z } from 'zod';
import { findAccountByEmail } from '../../../infra/db/queries/account.ts';
import { useCase } from '../../context/use-case.ts';
import { issueLink } from '../link/link.ts';
import { sendLink } from '../link/send.ts';
import { emailInput, visitInput } from '../schema.ts';
import { countAttempt, isWithinLimit, resetLimits } from '../throttle.ts';

/**
 * Sends a link to choose a new password, if the address has an account. The answer is the same if it has none, and
 * doesn't wait for the link to be sent.
 * @throws ArmatureError `rate_limited` (by network)
 */
export const requestPasswordReset = useCase({
  name: 'account.request_password_reset',
  access: 'anyone',
  input: z.object({ visit: visitInput, email: emailInput }),
  async run({ ctx, db, security, requestId, now }, { visit, email }): Promise<{ requested: true }> {
    if (visit.network !== null) await countAttempt(db, resetLimits.network, visit.network, now());
    const isWithin = await isWithinLimit(db, resetLimits.account, email, now());
    const account = await findAccountByEmail(db, email);
    await security.record({
      kind: 'password',
      outcome: isWithin ? 'ok' : 'locked',
      subject: account ? { kind: 'user', id: account.userId } : { kind: 'email', email },
      orgIds: account?.orgIds ?? [],
      address: visit.address,
      userAgent: visit.userAgent,
      requestId,
      detail: 'reset requested',
    });
    if (account && isWithin) void sendReset(account.userId).catch(report);
    return { requested: true };

    async function sendReset(userId: string): Promise<void> {
      const { url } = await db.$transaction((tx) =>
        issueLink({ ...ctx.deps, db: tx }, { purpose: 'reset_password', userId, email }),
      );
      await sendLink(ctx.deps, {
        to: email,
        subject: 'Choose a new password',
        text: 'Somebody requested a new password for your account at Armature.',
        link: { button: 'Choose password', url },
        note: 'The link works once, within an hour. If it was not you, ignore this message: your password stays as it is.',
      });
    }
    function report(error: unknown): void {
      ctx.deps.log.error({ err: error, requestId }, 'the link to reset a password was not created');
    }
  },
});
