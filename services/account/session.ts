import { z } from 'zod';
import { type Role, roles } from '../../domain/role/role.ts';
import { useCase } from '../context/use-case.ts';
import { visitInput } from './schema.ts';

const role = z.enum(roles);

export type Session = {
  /** Of the session itself, which is not secret. */
  id: string;
  user: { id: string; name: string; email: string };
  /** The organizations this person is a member of, oldest membership first. */
  organizations: { id: string; slug: string; name: string; role: Role }[];
};

/** Returns the person behind a session cookie with their current roles, or null if nobody is signed in. */
export const getSession = useCase({
  name: 'account.session',
  access: 'anyone',
  input: z.object({ visit: visitInput }),
  async run({ db, auth }, { visit }): Promise<Session | null> {
    const person = await auth.session(visit);
    if (!person) return null;
    const members = await db.member.findMany({
      where: { userId: person.userId },
      orderBy: [{ createdAt: 'asc' }, { orgId: 'asc' }],
      select: { role: true, organization: { select: { id: true, slug: true, name: true } } },
    });
    return {
      id: person.sessionId,
      user: { id: person.userId, name: person.name, email: person.email },
      organizations: members.map(({ role: name, organization }) => ({ ...organization, role: role.parse(name) })),
    };
  },
});
