import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import { findOrgIds } from '../../../infra/db/queries/account.ts';
import { type UseCaseContext, useCase } from '../../context/use-case.ts';
import { requireSignedIn } from '../person.ts';
import { visitInput } from '../schema.ts';

/** Ends a session of the signed-in person, immediately. @throws ArmatureError `resource_not_found` */
export const endSession = useCase({
  name: 'account.end_session',
  access: 'anyone',
  input: z.object({ visit: visitInput, sessionId: z.string().min(1).max(100) }),
  async run(frame, { visit, sessionId }): Promise<{ ended: number }> {
    const { userId } = await requireSignedIn(frame.auth, visit);
    const { count } = await frame.db.session.deleteMany({ where: { id: sessionId, userId } });
    if (count === 0)
      throw new ArmatureError(
        'resource_not_found',
        'You have no such session.',
        'It may have ended already. List your sessions to see which there are.',
      );
    await recordEnd(frame, userId, 'one ended');
    return { ended: count };
  },
});

/** Ends all sessions of the signed-in person but the one of this browser. */
export const endOtherSessions = useCase({
  name: 'account.end_other_sessions',
  access: 'anyone',
  input: z.object({ visit: visitInput }),
  async run(frame, { visit }): Promise<{ ended: number }> {
    const { userId, sessionId } = await requireSignedIn(frame.auth, visit);
    const { count } = await frame.db.session.deleteMany({ where: { userId, id: { not: sessionId } } });
    await recordEnd(frame, userId, 'all others ended');
    return { ended: count };
  },
});

async function recordEnd({ db, security, requestId, ctx }: UseCaseContext, userId: string, detail: string) {
  await security.record({
    kind: 'session',
    outcome: 'ok',
    subject: { kind: 'user', id: userId },
    orgIds: await findOrgIds(db, userId),
    address: ctx.address ?? null,
    requestId,
    detail,
  });
}
