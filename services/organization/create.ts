import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { requireSignedIn } from '../account/person.ts';
import { visitInput } from '../account/schema.ts';
import { countAttempt, signUpLimit } from '../account/throttle.ts';
import type { Deps } from '../context/context.ts';
import { addAuditRow, useCase } from '../context/use-case.ts';
import { createOrganizationIn, organizationNameInput, slugInput } from './create-in.ts';

/**
 * Creates a further workspace, which the signed-in person owns: where sign-up is open, or for an operator.
 * @throws ArmatureError `unauthenticated`, `permission_denied`, `slug_taken`, `rate_limited`, `validation_failed`
 */
export const createOrganization = useCase({
  name: 'organization.create',
  access: 'anyone',
  input: z.object({ visit: visitInput, name: organizationNameInput, slug: slugInput }),
  async run({ auth, config, ctx, db, now }, { visit, name, slug }): Promise<{ orgId: string; slug: string }> {
    const { userId } = await requireSignedIn(auth, visit);
    if (!(await mayCreateWorkspaces({ db, config }, userId)))
      throw new ArmatureError(
        'permission_denied',
        'New workspaces are created by the operator of this installation.',
        'Ask them, or join a workspace by an invitation.',
      );
    await countAttempt(db, signUpLimit, `workspaces of ${userId}`, now());
    return db.$transaction(async (tx) => {
      const created = await createOrganizationIn(tx, { name, slug, ownerId: userId });
      // `write` can't do this, because the row's organization is created here.
      const actor = { kind: 'member' as const, id: userId, orgId: created.orgId, role: 'owner' as const };
      await addAuditRow(
        tx,
        { ...ctx, actor },
        { action: 'organization.create', subject: created.orgId, data: created },
      );
      return created;
    });
  },
});

/** Whether the signed-in person may create workspaces. */
export const getCreationState = useCase({
  name: 'organization.creation_open',
  access: 'anyone',
  input: z.object({ visit: visitInput }),
  async run({ auth, config, db }, { visit }): Promise<{ open: boolean }> {
    const person = await auth.session(visit);
    return { open: person !== null && (await mayCreateWorkspaces({ db, config }, person.userId)) };
  },
});

async function mayCreateWorkspaces({ db, config }: Pick<Deps, 'db' | 'config'>, userId: string): Promise<boolean> {
  if (config.openSignup) return true;
  const operator = await db.user.findFirst({
    where: { id: userId, emailVerified: true, email: { in: config.operators, mode: 'insensitive' } },
    select: { id: true },
  });
  return operator !== null;
}
