import type { Tx } from '../../infra/db/index.ts';
import { fieldError } from '../context/errors.ts';
import { newId } from '../context/ids.ts';

export type NewAccount = { name: string; email: string; passwordHash: string | null; isEmailVerified: boolean };

/**
 * Creates an account. Without a password, its person signs in at the OpenID provider. Not a use case.
 * @throws ArmatureError `conflict` (e-mail taken)
 */
export async function createAccountIn(
  tx: Tx,
  { name, email, passwordHash, isEmailVerified }: NewAccount,
): Promise<{ userId: string }> {
  if (await tx.user.findUnique({ where: { email }, select: { id: true } }))
    throw fieldError(
      'conflict',
      'email',
      'An account with this e-mail address already exists.',
      'Sign in, or use another address.',
    );
  const userId = newId();
  await tx.user.create({ data: { id: userId, name, email, emailVerified: isEmailVerified } });
  if (passwordHash === null) return { userId };
  await tx.account.create({
    data: { id: newId(), userId, accountId: userId, providerId: 'credential', password: passwordHash },
  });
  return { userId };
}
