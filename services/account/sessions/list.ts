import { z } from 'zod';
import { useCase } from '../../context/use-case.ts';
import { requireSignedIn } from '../person.ts';
import { visitInput } from '../schema.ts';

/** A session of the caller. Times are ISO 8601; `lastUsedAt` is accurate to the day. */
export type SessionView = {
  id: string;
  createdAt: string;
  lastUsedAt: string;
  /** When it ends unless it is used before. */
  expiresAt: string;
  address: string | null;
  userAgent: string | null;
  isCurrent: boolean;
};

/** At most this many are listed: nobody has as many. */
const maxListed = 200;

/** The sessions of the signed-in person that have not ended, newest first. */
export const listSessions = useCase({
  name: 'account.list_sessions',
  access: 'anyone',
  input: z.object({ visit: visitInput }),
  async run({ auth, db, now }, { visit }): Promise<{ sessions: SessionView[] }> {
    const { userId, sessionId } = await requireSignedIn(auth, visit);
    const rows = await db.session.findMany({
      where: { userId, expiresAt: { gt: now() } },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: maxListed,
      omit: { token: true },
    });
    return {
      sessions: rows.map(({ id, createdAt, updatedAt, expiresAt, ipAddress, userAgent }) => ({
        id,
        createdAt: createdAt.toISOString(),
        lastUsedAt: updatedAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
        address: ipAddress,
        userAgent,
        isCurrent: id === sessionId,
      })),
    };
  },
});
