import { z } from 'zod';
import { type Role, roles } from '../../../domain/role/role.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import { useCase } from '../../context/use-case.ts';
import { requireSignedIn } from '../person.ts';
import { personNameInput, visitInput } from '../schema.ts';

export type Profile = {
  name: string;
  email: string;
  isEmailVerified: boolean;
  /** False for a person who signs in through the organization's identity provider only. */
  hasPassword: boolean;
  workspaces: { slug: string; name: string; role: Role }[];
};

/** The signed-in person. @throws ArmatureError `unauthenticated` */
export const getProfile = useCase({
  name: 'account.get_profile',
  access: 'anyone',
  input: z.object({ visit: visitInput }),
  async run({ auth, db }, { visit }): Promise<Profile> {
    const { userId } = await requireSignedIn(auth, visit);
    const user = await db.user.findUniqueOrThrow({
      where: { id: userId },
      select: {
        name: true,
        email: true,
        emailVerified: true,
        accounts: { where: { providerId: 'credential' }, select: { id: true } },
        members: {
          orderBy: [{ createdAt: 'asc' }, { orgId: 'asc' }],
          select: { role: true, organization: { select: { slug: true, name: true } } },
        },
      },
    });
    return {
      name: user.name,
      email: user.email,
      isEmailVerified: user.emailVerified,
      hasPassword: user.accounts.length > 0,
      workspaces: user.members.map(({ role, organization }) => ({ ...organization, role: oneOf(roles, role) })),
    };
  },
});

/** Changes the name of the signed-in person. @throws ArmatureError `unauthenticated`, `validation_failed` */
export const renamePerson = useCase({
  name: 'account.rename',
  access: 'anyone',
  input: z.object({ visit: visitInput, name: personNameInput }),
  async run({ auth, db }, { visit, name }): Promise<{ name: string }> {
    const { userId } = await requireSignedIn(auth, visit);
    await db.user.update({ where: { id: userId }, data: { name } });
    return { name };
  },
});
