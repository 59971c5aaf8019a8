import { z } from 'zod';
import { findOrgIds } from '../../../infra/db/queries/account.ts';
import type { Deps } from '../../context/context.ts';
import { useCase } from '../../context/use-case.ts';
import { requireSignedIn } from '../person.ts';
import { visitInput } from '../schema.ts';
import { issueLink, linkToken, spendLink } from './link.ts';
import { sendLink } from './send.ts';

/** Sends the link that verifies a person's e-mail address. Not a use case. */
export async function sendVerification(
  deps: Pick<Deps, 'config' | 'db' | 'email' | 'log' | 'now'>,
  { userId, email }: { userId: string; email: string },
): Promise<void> {
  const { url } = await deps.db.$transaction((tx) =>
    issueLink({ ...deps, db: tx }, { purpose: 'verify_email', userId, email }),
  );
  await sendLink(deps, {
    to: email,
    subject: 'Verify your e-mail address',
    text: 'Verify that this address is yours. Armature then accepts invitations to it.',
    link: { button: 'Verify address', url },
    note: 'The link works once, within three days. If you have no account at Armature, ignore this message.',
  });
}

/** Sends the signed-in person another link to verify their address. @returns false if it is verified already */
export const requestVerification = useCase({
  name: 'account.request_verification',
  access: 'anyone',
  input: z.object({ visit: visitInput }),
  async run({ auth, ctx, db }, { visit }): Promise<{ sent: boolean }> {
    const { userId } = await requireSignedIn(auth, visit);
    const { email, emailVerified } = await db.user.findUniqueOrThrow({ where: { id: userId } });
    if (!emailVerified) await sendVerification(ctx.deps, { userId, email });
    return { sent: !emailVerified };
  },
});

/** Verifies the address that a link was sent to. @throws ArmatureError `resource_not_found` */
export const verifyEmail = useCase({
  name: 'account.verify_email',
  access: 'anyone',
  input: z.object({ token: linkToken }),
  async run({ ctx, db, security, requestId, now }, { token }): Promise<{ email: string }> {
    const link = await db.$transaction(async (tx) => {
      const spent = await spendLink(tx, 'verify_email', token, now());
      // Not an address that the account has had since.
      await tx.user.updateMany({ where: { id: spent.userId, email: spent.email }, data: { emailVerified: true } });
      return spent;
    });
    await security.record({
      kind: 'email',
      outcome: 'ok',
      subject: { kind: 'user', id: link.userId },
      orgIds: await findOrgIds(db, link.userId),
      address: ctx.address ?? null,
      requestId,
      detail: 'verified',
    });
    return { email: link.email };
  },
});
