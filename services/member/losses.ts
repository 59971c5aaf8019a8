import { destination } from '../../domain/notification/rule.ts';
import type { GivenRole } from '../../domain/role/membership.ts';
import { atLeast, type Role, roles } from '../../domain/role/role.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import type { Tx } from '../../infra/db/index.ts';
import type { Context } from '../context/context.ts';
import { addAuditRow } from '../context/use-case.ts';

/** What a member loses with a lower role, or with all of their membership. */
export type Losses = {
  /** API keys of theirs that are revoked. */
  keys: { id: string; name: string; role: Role }[];
  /** Pending invitations of theirs that are revoked. */
  invitationIds: string[];
  /** Alert rules that notify them in person, which are paused. */
  rules: { id: string; name: string }[];
};

type Of = { orgId: string; userId: string; to: GivenRole | null; now: Date };

/** @param of.to the role that the member gets; null: none */
export async function findLosses(tx: Tx, { orgId, userId, to, now }: Of): Promise<Losses> {
  const keys = await tx.apiKey.findMany({
    where: { orgId, createdById: userId },
    select: { id: true, name: true, role: true },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  const mayInvite = to !== null && atLeast(to, 'admin');
  const invitations = mayInvite
    ? []
    : await tx.invitation.findMany({
        where: { orgId, createdById: userId, revokedAt: null, expiresAt: { gt: now } },
        select: { id: true },
      });
  return {
    keys: keys
      .map((key) => ({ ...key, role: oneOf(roles, key.role) }))
      .filter(({ role }) => to === null || !atLeast(to, role)),
    invitationIds: invitations.map(({ id }) => id),
    rules: to === null ? await findPersonalRules(tx, { orgId, userId }) : [],
  };
}

/** Rules that send to the e-mail address of a member, or to a Slack user who is linked to them. */
async function findPersonalRules(tx: Tx, { orgId, userId }: { orgId: string; userId: string }) {
  const { email } = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { email: true } });
  const links = await tx.slackUserLink.findMany({ where: { orgId, userId }, select: { slackUserId: true } });
  const slackUsers = new Set(links.map(({ slackUserId }) => slackUserId));
  const rules = await tx.alertRule.findMany({
    where: { orgId, archivedAt: null, state: 'watching' },
    select: { id: true, name: true, destination: true },
    orderBy: { id: 'asc' },
  });
  return rules.flatMap(({ id, name, destination: stored }) => {
    const { data: to } = destination.safeParse(stored);
    const isTheirs =
      (to?.kind === 'email' && to.address.toLowerCase() === email) ||
      (to?.kind === 'slack' && slackUsers.has(to.channel));
    return isTheirs ? [{ id, name }] : [];
  });
}

/** Carries the losses out, with an audit row for each key. */
export async function carryOut(tx: Tx, ctx: Context, losses: Losses & { orgId: string; now: Date }): Promise<void> {
  const { orgId, now, keys, invitationIds, rules } = losses;
  await tx.apiKey.deleteMany({ where: { orgId, id: { in: keys.map(({ id }) => id) } } });
  for (const { id, ...data } of keys) await addAuditRow(tx, ctx, { action: 'api_key.revoke', subject: id, data });
  await tx.invitation.updateMany({ where: { orgId, id: { in: invitationIds } }, data: { revokedAt: now } });
  if (rules.length === 0) return;
  const ofRules = { orgId, ruleId: { in: rules.map(({ id }) => id) } };
  await tx.alertRule.updateMany({ where: { orgId, id: ofRules.ruleId }, data: { state: 'paused' } });
  await tx.delivery.updateMany({
    where: { ...ofRules, state: 'pending' },
    data: { state: 'superseded', error: null, endedAt: now },
  });
  // Without these, nobody is notified that the rule was paused, and a rule that is resumed begins anew.
  await tx.incidentTelling.deleteMany({ where: ofRules });
}
