import { sweepAttempts } from '../../account/throttle.ts';
import { sweepAuthorizations } from '../../client-sign-in/sweep.ts';
import type { Deps } from '../../context/context.ts';
import { sweepSlackTokens } from '../../destination/slack/token.ts';
import { sweepSecurityEvents } from '../../security-event/sweep.ts';

/**
 * Deletes what has ended of accounts: sessions, links, sign-ins of clients, counted attempts, and security events past
 * their retention.
 */
export async function sweepAccounts(deps: Pick<Deps, 'db' | 'log' | 'now'>): Promise<void> {
  const { db, log, now } = deps;
  const isPast = { where: { expiresAt: { lt: now() } } };
  const deleted = {
    sessions: (await db.session.deleteMany(isPast)).count,
    links: (await db.accountLink.deleteMany(isPast)).count,
    authorizations: await sweepAuthorizations(deps),
    slackTokens: await sweepSlackTokens(deps),
    attempts: await sweepAttempts(db, now()),
    securityEvents: await sweepSecurityEvents(deps),
  };
  if (Object.values(deleted).some((count) => count > 0))
    log.info(deleted, 'ended sessions, links, sign-ins of clients and events were deleted');
}
