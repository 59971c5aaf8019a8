import { z } from 'zod';
import { afterPosition, readCursor, toPage } from '../context/pagination.ts';
import { useCase } from '../context/use-case.ts';
import { type InvitationView, toView } from './view.ts';

/** The invitations of the workspace, newest first, by keyset. */
export const listInvitations = useCase({
  name: 'invitation.list',
  access: 'admin',
  input: z.object({
    /** Only those that can still be used. */
    pending: z.boolean().default(false),
    cursor: z.string().max(500).optional(),
    limit: z.int().min(1).max(200).default(50),
  }),
  async run(
    { db, orgId, now },
    { pending, cursor, limit },
  ): Promise<{ invitations: InvitationView[]; nextCursor: string | null }> {
    const after = readCursor(cursor);
    const at = now();
    const rows = await db.invitation.findMany({
      where: {
        orgId,
        ...(after && afterPosition(after)),
        ...(pending && {
          revokedAt: null,
          expiresAt: { gt: at },
          useCount: { lt: db.invitation.fields.maxUses },
        }),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      omit: { tokenHash: true },
    });
    const { items, nextCursor } = toPage(rows, limit);
    const people = await db.user.findMany({
      where: { id: { in: [...new Set(items.map(({ createdById }) => createdById))] } },
      select: { id: true, name: true },
    });
    const names = new Map(people.map(({ id, name }) => [id, name]));
    return { invitations: items.map((row) => toView(row, names.get(row.createdById) ?? null, at)), nextCursor };
  },
});
