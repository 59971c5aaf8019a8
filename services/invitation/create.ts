import { z } from 'zod';
import { refuseInviting } from '../../domain/role/membership.ts';
import type { Tx } from '../../infra/db/index.ts';
import { emailInput } from '../account/schema.ts';
import { countAttempt, invitationLimit } from '../account/throttle.ts';
import type { Actor } from '../context/context.ts';
import { fieldError } from '../context/errors.ts';
import { newId } from '../context/ids.ts';
import { useCase } from '../context/use-case.ts';
import { lockAsCaller, refuse } from '../member/lock.ts';
import { givenRole } from '../member/schema.ts';
import { newInvitationToken, sendInvitation } from './send.ts';
import { type InvitationView, toView } from './view.ts';

/**
 * Invites one person by e-mail, or anyone who gets a link, up to a number of people. An earlier invitation of the same
 * person is revoked.
 * @returns `url`: the link, which can't be read again; null if it was sent by e-mail
 * @throws ArmatureError `permission_denied` (a role above the caller's), `conflict` (a member already),
 *   `rate_limited`, `validation_failed`
 */
export const createInvitation = useCase({
  name: 'invitation.create',
  access: 'admin',
  input: z.object({
    role: givenRole,
    /** Left out: a link that may be passed on. */
    email: emailInput.optional(),
    /** People who may use a link. */
    maxUses: z.int().min(1, 'At least one person.').max(1000, 'At most 1,000 people.').default(1),
  }),
  async run(
    { actor, ctx, db, orgId, now, write },
    { role, email = null, maxUses },
  ): Promise<{ invitation: InvitationView; url: string | null }> {
    if (email !== null && maxUses !== 1)
      throw fieldError('validation_failed', 'maxUses', 'An invitation by e-mail is for one person.', 'Leave it out.');
    if (email !== null) await countAttempt(db, invitationLimit, orgId, now());
    const { token, stored } = newInvitationToken(now());
    const { row, organization, creator } = await write(
      async (tx) => {
        refuse(refuseInviting(await lockAsCaller(tx, { actor, orgId, needed: 'admin' }), role));
        if (email !== null) {
          if (await tx.member.findFirst({ where: { orgId, user: { email } }, select: { userId: true } }))
            throw fieldError('conflict', 'email', 'This person is a member already.', 'Change their role instead.');
          await tx.invitation.updateMany({ where: { orgId, email, revokedAt: null }, data: { revokedAt: now() } });
        }
        const creator = await findCreator(tx, actor);
        const row = await tx.invitation.create({
          data: { id: newId(), orgId, role, email, maxUses, createdById: creator.id, createdAt: now(), ...stored },
        });
        return { row, creator, organization: await tx.organization.findUniqueOrThrow({ where: { id: orgId } }) };
      },
      ({ row }) => ({ subject: row.id, data: { role, email, maxUses } }),
    );
    const { url } = await sendInvitation(ctx.deps, {
      ...row,
      token,
      invitedBy: creator.name ?? 'Somebody',
      organization: organization.name,
    });
    return { invitation: toView(row, creator.name, now()), url };
  },
});

/** The person who invites: an invitation ends with their right to invite. A key acts for the person who created it. */
async function findCreator(tx: Tx, actor: Actor): Promise<{ id: string; name: string | null }> {
  const key =
    actor.kind === 'api_key'
      ? await tx.apiKey.findUnique({ where: { id: actor.id }, select: { createdById: true } })
      : null;
  const id = key?.createdById ?? actor.id;
  return { id, name: (await tx.user.findUnique({ where: { id }, select: { name: true } }))?.name ?? null };
}
