import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { lockName } from '../../../infra/db/queries/locks.ts';
import type { Identity } from '../../../infra/oidc/index.ts';
import { newId } from '../../context/ids.ts';
import { useCase } from '../../context/use-case.ts';
import { readInvitation } from '../../invitation/token.ts';
import { createAccountIn } from '../create-account.ts';
import { linkToken } from '../link/link.ts';
import { recordSignIn } from '../record-sign-in.ts';
import { emailInput, visitInput } from '../schema.ts';
import { atProvider } from './begin.ts';
import { clearPending, readPending } from './cookie.ts';

/** `Account.providerId` of accounts at the OpenID provider. */
const providerId = 'oidc';

/**
 * Ends a sign-in at the OpenID provider: opens a session. A person is known by their account there, at first by their
 * e-mail address, if both sides have verified it. Who has no account gets one where sign-up is open, the domain of the
 * address is allowed, or an invitation leads here.
 * @param input.query of the address that the provider sent the browser back to
 * @returns `to`: the path that the person wanted to see
 * @throws ArmatureError `resource_not_found`, `conflict` (not begun in this browser), `sign_in_failed`,
 *   `permission_denied` (no account, the address isn't verified or its domain not allowed)
 */
export const completeProviderSignIn = useCase({
  name: 'account.complete_provider_sign_in',
  access: 'anyone',
  input: z.object({ visit: visitInput, query: z.string().max(20_000) }),
  async run(
    { auth, config, db, log, now, oidc, requestId, security },
    { visit, query },
  ): Promise<{ to: string; cookies: string[] }> {
    const pending = readPending(config, visit.cookie, now());
    const identity = await atProvider({ log, oidc, requestId }, async (provider) => {
      if (!pending) throw notBegunHere();
      return provider.complete(query, pending);
    });
    const to = pending?.to ?? '/';
    const email = readEmail(identity, config.oidc?.allowedDomains ?? []);
    const record = (outcome: 'ok' | 'refused', of: string) => {
      const detail = 'at the OpenID provider';
      return recordSignIn({ db, security, requestId }, { email: of, visit, outcome, detail });
    };
    const userId = await db.$transaction(async (tx) => {
      await lockName(tx, `${providerId} ${identity.id}`);
      const known = await tx.account.findFirst({ where: { providerId, accountId: identity.id } });
      if (known) return known.userId;
      const id = await findOrCreate(tx, email);
      if (id === null) return null;
      await tx.account.create({ data: { id: newId(), userId: id, accountId: identity.id, providerId } });
      return id;
    });
    if (userId === null) {
      await record('refused', email);
      throw noAccount(email);
    }
    const cookies = await auth.openSession(userId, visit);
    // Their address here, which may have changed since they first signed in at the provider.
    const person = await db.user.findUniqueOrThrow({ where: { id: userId }, select: { email: true } });
    await record('ok', person.email);
    return { to, cookies: [...cookies, clearPending(config)] };

    async function findOrCreate(tx: Tx, address: string): Promise<string | null> {
      const user = await tx.user.findUnique({ where: { email: address }, select: { id: true, emailVerified: true } });
      if (user && !user.emailVerified) throw unverifiedHere(address);
      if (user) return user.id;
      const hasOthers = (await tx.user.findFirst({ select: { id: true } })) !== null;
      const isAllowed =
        config.openSignup ||
        (config.oidc?.allowedDomains ?? []).length > 0 ||
        (await isInvited(tx, { to, address, now: now() }));
      // The first account of an installation takes the setup code.
      if (!hasOthers || !isAllowed) return null;
      const name = identity.name?.trim().slice(0, 100) || address;
      const created = await createAccountIn(tx, { name, email: address, passwordHash: null, isEmailVerified: true });
      return created.userId;
    }
  },
});

/** @throws ArmatureError `permission_denied` */
function readEmail({ email, isEmailVerified }: Identity, allowedDomains: readonly string[]): string {
  const { data: address } = emailInput.safeParse(email);
  if (address === undefined || !isEmailVerified)
    throw new ArmatureError(
      'permission_denied',
      'Your provider has not verified your e-mail address.',
      'Verify it there, then sign in again.',
    );
  if (allowedDomains.length === 0 || allowedDomains.includes(address.slice(address.lastIndexOf('@') + 1)))
    return address;
  throw new ArmatureError(
    'permission_denied',
    `${address} can't sign in this way: its domain is not allowed.`,
    'Use your address at work, or ask the operator.',
  );
}

/** Whether the person came from an invitation that they may accept. */
async function isInvited(tx: Tx, { to, address, now }: { to: string; address: string; now: Date }): Promise<boolean> {
  const { pathname, searchParams } = new URL(to, 'http://armature.invalid');
  const { data: token } = linkToken.safeParse(searchParams.get('token'));
  if (pathname !== '/invite' || token === undefined) return false;
  const { email } = await readInvitation(tx, token, now);
  return email === null || email === address;
}

const notBegunHere = () =>
  new ArmatureError(
    'conflict',
    'This sign-in was not started in this browser, or has ended.',
    'Go to the sign-in page and start again.',
  );

const unverifiedHere = (email: string) =>
  new ArmatureError(
    'permission_denied',
    `There is an account with the address ${email}, which was never verified.`,
    'Sign in with its password once and verify the address on your profile. Then you can sign in this way.',
  );

const noAccount = (email: string) =>
  new ArmatureError(
    'permission_denied',
    `${email} has no account on this installation.`,
    'Ask an admin of a workspace for an invitation.',
  );
