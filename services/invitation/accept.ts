import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import type { GivenRole } from '../../domain/role/membership.ts';
import type { Tx } from '../../infra/db/index.ts';
import { createAccountIn } from '../account/create-account.ts';
import { linkToken } from '../account/link/link.ts';
import { sendVerification } from '../account/link/verify-email.ts';
import { checkPassword, passwordInput } from '../account/password/policy.ts';
import { requireSignedIn } from '../account/person.ts';
import { emailInput, personNameInput, visitInput } from '../account/schema.ts';
import { countAttempt, signUpLimit } from '../account/throttle.ts';
import type { Context } from '../context/context.ts';
import { fieldError } from '../context/errors.ts';
import { addAuditRow, useCase } from '../context/use-case.ts';
import { type OpenInvitation, readInvitation, spendInvitation } from './token.ts';

export type InvitationOffer = {
  organization: { name: string };
  role: GivenRole;
  /** Of the one person that it is for; null for a link that may be passed on. */
  email: string | null;
  /** Whether the person that it is for has an account. */
  hasAccount: boolean;
  invitedBy: string;
  /** ISO 8601. */
  expiresAt: string;
};

/** What the holder of an invitation's token is offered. @throws ArmatureError `invitation_invalid` */
export const getInvitation = useCase({
  name: 'invitation.get',
  access: 'anyone',
  input: z.object({ token: linkToken }),
  async run({ db, now }, { token }): Promise<InvitationOffer> {
    const { organization, role, email, invitedBy, expiresAt } = await readInvitation(db, token, now());
    const account = email === null ? null : await db.user.findUnique({ where: { email }, select: { id: true } });
    return {
      organization: { name: organization.name },
      role,
      email,
      hasAccount: account !== null,
      invitedBy,
      expiresAt: expiresAt.toISOString(),
    };
  },
});

/**
 * Makes the signed-in person a member. Who is one already stays as they are, and the invitation unused.
 * @returns `slug` of the workspace
 * @throws ArmatureError `unauthenticated`, `invitation_invalid`, `permission_denied` (it is for another person, or
 *   their e-mail address is not verified)
 */
export const acceptInvitation = useCase({
  name: 'invitation.accept',
  access: 'anyone',
  input: z.object({ visit: visitInput, token: linkToken }),
  async run({ auth, ctx, db, now }, { visit, token }): Promise<{ slug: string; joined: boolean }> {
    const { userId } = await requireSignedIn(auth, visit);
    return db.$transaction(async (tx) => {
      const { invitation, isNew } = await spendInvitation(tx, { token, userId, now: now() });
      if (isNew) {
        await checkAddress(tx, { invitation, userId });
        await addAcceptance(tx, ctx, { invitation, userId });
      }
      return { slug: invitation.organization.slug, joined: isNew };
    });
  },
});

/**
 * Creates an account, and makes it a member, also where sign-up is closed.
 * @throws ArmatureError `invitation_invalid`, `conflict` (the address has an account), `rate_limited`,
 *   `validation_failed`
 */
export const joinByInvitation = useCase({
  name: 'invitation.join',
  access: 'anyone',
  input: z.object({
    visit: visitInput,
    token: linkToken,
    name: personNameInput,
    /** Ignored where the invitation is for one address. */
    email: emailInput.optional(),
    password: passwordInput,
  }),
  async run(
    { auth, ctx, db, now, requestId, security },
    { visit, token, name, email: given, password },
  ): Promise<{ slug: string; email: string }> {
    if (visit.network !== null) await countAttempt(db, signUpLimit, visit.network, now());
    const offered = await readInvitation(db, token, now());
    const email = offered.email ?? given;
    if (email === undefined)
      throw fieldError('validation_failed', 'email', 'Enter your e-mail address.', 'Correct the field and try again.');
    checkPassword(password, { name, email, organizationNames: [offered.organization.name] });
    const passwordHash = await auth.hashPassword(password);
    const isEmailVerified = offered.email !== null && offered.isSentByEmail;
    const { userId } = await db.$transaction(async (tx) => {
      const { userId } = await createAccountIn(tx, { name, email, passwordHash, isEmailVerified });
      const { invitation } = await spendInvitation(tx, { token, userId, now: now() });
      await addAcceptance(tx, ctx, { invitation, userId });
      return { userId };
    });
    await security.record({
      kind: 'sign_up',
      outcome: 'ok',
      subject: { kind: 'user', id: userId },
      orgIds: [offered.orgId],
      address: visit.address,
      userAgent: visit.userAgent,
      requestId,
      detail: 'by invitation',
    });
    if (!isEmailVerified)
      void sendVerification(ctx.deps, { userId, email }).catch((error: unknown) =>
        ctx.deps.log.error({ err: error, requestId }, 'the link to verify an address was not created'),
      );
    return { slug: offered.organization.slug, email };
  },
});

/** An invitation for one person takes an account with that address, verified before or by this very link. */
async function checkAddress(tx: Tx, { invitation, userId }: { invitation: OpenInvitation; userId: string }) {
  if (invitation.email === null) return;
  const user = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { email: true, emailVerified: true } });
  if (user.email !== invitation.email)
    throw new ArmatureError(
      'permission_denied',
      `This invitation is for ${invitation.email}; you are signed in as ${user.email}.`,
      'Sign out and sign in with that address, or ask for an invitation to yours.',
    );
  if (user.emailVerified) return;
  if (!invitation.isSentByEmail)
    throw new ArmatureError(
      'permission_denied',
      'Your e-mail address is not verified yet.',
      'Verify it on your profile, then open this invitation again.',
    );
  await tx.user.update({ where: { id: userId }, data: { emailVerified: true } });
}

/** `write` can't do this, because the visitor becomes a member here. */
const addAcceptance = (tx: Tx, ctx: Context, { invitation, userId }: { invitation: OpenInvitation; userId: string }) =>
  addAuditRow(
    tx,
    { ...ctx, actor: { kind: 'member', id: userId, orgId: invitation.orgId, role: invitation.role } },
    { action: 'invitation.accept', subject: invitation.id, data: { role: invitation.role } },
  );
