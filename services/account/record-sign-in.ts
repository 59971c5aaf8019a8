import { findAccountByEmail } from '../../infra/db/queries/account.ts';
import type { UseCaseContext } from '../context/use-case.ts';
import type { SecurityEvent } from '../security-event/log.ts';
import type { Visit } from './schema.ts';

/** Records a sign-in, or an attempt, as an event of the account with this address, if there is one. */
export async function recordSignIn(
  { db, security, requestId }: Pick<UseCaseContext, 'db' | 'security' | 'requestId'>,
  {
    email,
    visit: { address, userAgent },
    ...event
  }: { email: string; visit: Visit } & Pick<SecurityEvent, 'outcome' | 'detail'>,
): Promise<void> {
  const account = await findAccountByEmail(db, email);
  await security.record({
    ...event,
    kind: 'sign_in',
    subject: account ? { kind: 'user', id: account.userId } : { kind: 'email', email },
    orgIds: account?.orgIds ?? [],
    address,
    userAgent,
    requestId,
  });
}
