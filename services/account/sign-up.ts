import { z } from 'zod';
import { ArmatureError, isArmatureError } from '../../domain/error/error.ts';
import type { Db, Tx } from '../../infra/db/index.ts';
import { lockName } from '../../infra/db/queries/locks.ts';
import { fieldError } from '../context/errors.ts';
import { addAuditRow, useCase } from '../context/use-case.ts';
import { createOrganizationIn, organizationNameInput, slugInput } from '../organization/create-in.ts';
import { createAccountIn } from './create-account.ts';
import { sendVerification } from './link/verify-email.ts';
import { checkPassword, passwordInput } from './password/policy.ts';
import { emailInput, personNameInput, visitInput } from './schema.ts';
import { isSetupCode } from './setup-code.ts';
import { countAttempt, signUpLimit } from './throttle.ts';

const person = z.object({
  name: personNameInput,
  email: emailInput,
  password: passwordInput,
  organizationName: organizationNameInput,
  slug: slugInput,
});

type CreatedAccount = { userId: string; orgId: string; slug: string };

/**
 * Creates an account and an organization that it owns, for code that may tell whether the address was free. The first
 * account of an installation can always be created, later ones only with `ARMATURE_OPEN_SIGNUP`.
 * @throws ArmatureError `permission_denied` (sign-up is closed), `conflict` (e-mail taken), `slug_taken`,
 *   `validation_failed`
 */
export const signUp = useCase({
  name: 'account.sign_up',
  access: 'anyone',
  input: person,
  async run({ ctx, db, auth, config }, { password, organizationName, slug, ...rest }): Promise<CreatedAccount> {
    checkPassword(password, { ...rest, organizationNames: [organizationName] });
    if (!(await isSignUpOpen(db, config.openSignup))) throw closed();
    const passwordHash = await auth.hashPassword(password);
    return db.$transaction(async (tx) => {
      // Only one of two concurrent sign-ups may be the first.
      await lockName(tx, 'sign-up');
      if (!(await isSignUpOpen(tx, config.openSignup))) throw closed();
      const { userId } = await createAccountIn(tx, { ...rest, passwordHash, isEmailVerified: false });
      const created = await createOrganizationIn(tx, { name: organizationName, slug, ownerId: userId });
      // `write` can't do this, because the row's organization is created here.
      const actor = { kind: 'member' as const, id: userId, orgId: created.orgId, role: 'owner' as const };
      await addAuditRow(tx, { ...ctx, actor }, { action: 'account.sign_up', subject: created.orgId, data: created });
      return { userId, ...created };
    });
  },
});

/**
 * Signs up a visitor. The first account of an installation needs the setup code. Whether the address of a later one
 * has an account already can't be seen from the answer.
 * @returns `account`: the first one; null for later ones, whose owners sign in as if they had been there before
 * @throws ArmatureError `permission_denied` (sign-up is closed, wrong setup code), `rate_limited`, `validation_failed`
 */
export const requestSignUp = useCase({
  name: 'account.request_sign_up',
  access: 'anyone',
  input: person.extend({ visit: visitInput, setupCode: z.string().max(100).default('') }),
  async run({ ctx, db, config, security, requestId, now }, { visit, setupCode, ...rest }) {
    const record = (outcome: 'ok' | 'failed' | 'refused', account: CreatedAccount | null, detail?: string) =>
      security.record({
        kind: 'sign_up',
        outcome,
        subject: account ? { kind: 'user', id: account.userId } : { kind: 'email', email: rest.email },
        orgIds: account ? [account.orgId] : [],
        address: visit.address,
        userAgent: visit.userAgent,
        requestId,
        ...(detail !== undefined && { detail }),
      });
    if (visit.network !== null) await countAttempt(db, signUpLimit, visit.network, now());
    const isFirst = await isSignUpOpen(db, false);
    if (isFirst && !(await isSetupCode({ db, config }, setupCode))) {
      await record('refused', null, 'wrong setup code');
      throw wrongSetupCode();
    }
    const account = await signUp(ctx, rest).catch((error: unknown) => {
      if (isArmatureError(error) && error.code === 'conflict') return null;
      throw error;
    });
    await (account ? record('ok', account) : record('failed', null, 'the address has an account'));
    if (account) void sendVerification(ctx.deps, { ...account, email: rest.email }).catch(report);
    return { account: isFirst ? account : null };

    function report(error: unknown): void {
      ctx.deps.log.error({ err: error, requestId }, 'the link to verify an address was not created');
    }
  },
});

async function isSignUpOpen(db: Db | Tx, isOpen: boolean): Promise<boolean> {
  return isOpen || (await db.user.findFirst({ select: { id: true } })) === null;
}

const closed = () =>
  new ArmatureError(
    'permission_denied',
    'Sign-up is closed on this installation: it already has an owner.',
    'Ask the owner for an invitation, or the operator to set ARMATURE_OPEN_SIGNUP.',
  );

const wrongSetupCode = () =>
  fieldError(
    'permission_denied',
    'setupCode',
    'The setup code is wrong.',
    'Find it in the log of the api: each api writes it when it starts, until the first account exists.',
  );

/**
 * Whether new accounts can be created, whether this would be the first one, and where people can sign in without a
 * password: the host of the OpenID provider, or null.
 */
export const getSignUpState = useCase({
  name: 'account.sign_up_open',
  access: 'anyone',
  input: z.object({}),
  run: async ({ db, config, oidc }) => ({
    open: await isSignUpOpen(db, config.openSignup),
    first: await isSignUpOpen(db, false),
    provider: oidc?.name ?? null,
  }),
});
