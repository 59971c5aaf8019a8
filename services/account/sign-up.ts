import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { lockName } from '../../infra/db/queries/locks.ts';
import { fieldError } from '../context/errors.ts';
import { newId } from '../context/ids.ts';
import { toJson, useCase } from '../context/use-case.ts';
import { emailInput, minPasswordLength } from './schema.ts';
import { findFreeSlug } from './slug.ts';
import { countAttempt, signUpLimit } from './throttle.ts';

/**
 * Creates an account and an organization that it owns. The first account of an installation can always be created,
 * later ones only with `ARMATURE_OPEN_SIGNUP`. Doesn't open a session; `signIn` does.
 * @throws ArmatureError `permission_denied` (sign-up is closed), `conflict` (e-mail taken), `rate_limited`
 */
export const signUp = useCase({
  name: 'account.sign_up',
  access: 'anyone',
  input: z.object({
    name: z.string().trim().min(1, 'Enter your name.').max(100),
    email: emailInput,
    password: z
      .string()
      .min(minPasswordLength, `A password needs at least ${minPasswordLength} characters.`)
      .max(256, 'A password has at most 256 characters.'),
    organizationName: z.string().trim().min(1, 'Name the workspace.').max(100),
    /** The client's address, for the throttle. Absent if the installation creates the account itself. */
    address: z.string().optional(),
  }),
  async run({ db, auth, config, now }, { name, email, password, organizationName, address }) {
    if (address) await countAttempt(db, signUpLimit, address, now());
    if (!(await isSignUpOpen(db, config.openSignup))) throw closed();
    const hash = await auth.hashPassword(password);
    return db.$transaction(async (tx) => {
      // Only one of two concurrent sign-ups may be the first.
      await lockName(tx, 'sign-up');
      if (!(await isSignUpOpen(tx, config.openSignup))) throw closed();
      if (await tx.user.findUnique({ where: { email }, select: { id: true } }))
        throw fieldError(
          'conflict',
          'email',
          'An account with this e-mail address already exists.',
          'Sign in, or use another address.',
        );
      const isTaken = async (slug: string) =>
        (await tx.organization.findUnique({ where: { slug }, select: { id: true } })) !== null;
      const slug = await findFreeSlug(organizationName, isTaken);
      const [userId, orgId] = [newId(), newId()];
      await tx.user.create({ data: { id: userId, name, email } });
      await tx.account.create({
        data: { id: newId(), userId, accountId: userId, providerId: 'credential', password: hash },
      });
      await tx.organization.create({ data: { id: orgId, slug, name: organizationName } });
      await tx.member.create({ data: { orgId, userId, role: 'owner' } });
      // `write` can't do this, because the row's organization is created here.
      await tx.auditEvent.create({
        data: {
          id: newId(),
          orgId,
          actorKind: 'member',
          actorId: userId,
          action: 'account.sign_up',
          subject: orgId,
          data: toJson({ slug }),
        },
      });
      return { userId, orgId, slug };
    });
  },
});

async function isSignUpOpen(
  db: { user: { findFirst(args: { select: { id: true } }): Promise<unknown> } },
  open: boolean,
) {
  return open || (await db.user.findFirst({ select: { id: true } })) === null;
}

const closed = () =>
  new ArmatureError(
    'permission_denied',
    'Sign-up is closed on this installation: it already has an owner.',
    'Ask the owner for an invitation, or the operator to set ARMATURE_OPEN_SIGNUP.',
  );

/** Whether new accounts can be created, and whether this would be the first one. */
export const getSignUpState = useCase({
  name: 'account.sign_up_open',
  access: 'anyone',
  input: z.object({}),
  run: async ({ db, config }) => ({
    open: await isSignUpOpen(db, config.openSignup),
    first: await isSignUpOpen(db, false),
  }),
});
