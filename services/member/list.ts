import { z } from 'zod';
import { refuseChange } from '../../domain/role/membership.ts';
import { type Role, roles } from '../../domain/role/role.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { readCursor, toPage } from '../context/pagination.ts';
import { useCase } from '../context/use-case.ts';

/** `joinedAt`: ISO 8601. */
export type MemberView = {
  userId: string;
  name: string;
  email: string;
  role: Role;
  joinedAt: string;
  /** Whether the caller may remove them and change their role. */
  changeable: boolean;
};

/** The members of the workspace, newest first, by keyset. */
export const listMembers = useCase({
  name: 'member.list',
  access: 'viewer',
  input: z.object({ cursor: z.string().max(500).optional(), limit: z.int().min(1).max(200).default(50) }),
  async run({ actor, db, orgId }, { cursor, limit }): Promise<{ members: MemberView[]; nextCursor: string | null }> {
    const after = readCursor(cursor, z.string().max(100));
    const rows = await db.member.findMany({
      where: {
        orgId,
        ...(after && {
          createdAt: { lte: after.createdAt },
          OR: [{ createdAt: { lt: after.createdAt } }, { userId: { lt: after.id } }],
        }),
      },
      orderBy: [{ createdAt: 'desc' }, { userId: 'desc' }],
      take: limit + 1,
      include: { user: { select: { name: true, email: true } } },
    });
    const { items, nextCursor } = toPage(rows, limit, ({ createdAt, userId }) => ({ createdAt, id: userId }));
    const mayChange = (userId: string, from: Role) =>
      'role' in actor &&
      (actor.role === 'admin' || actor.role === 'owner') &&
      refuseChange({ by: actor.role, isSelf: actor.id === userId, from, to: null }) === null;
    return {
      members: items.map(({ userId, role, createdAt, user }) => ({
        userId,
        ...user,
        role: oneOf(roles, role),
        joinedAt: createdAt.toISOString(),
        changeable: mayChange(userId, oneOf(roles, role)),
      })),
      nextCursor,
    };
  },
});
