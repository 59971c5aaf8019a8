import type { Db } from '../index.ts';

/** Counts an attempt in its window, up to two more than the limit. A window that has passed starts again. */
export async function countThrottledAttempt(
  db: Db,
  { key, limit, windowStart, now }: { key: string; limit: number; windowStart: Date; now: Date },
): Promise<{ attempts: number; windowStart: Date } | null> {
  const [row] = await db.$queryRaw<{ attempts: number; windowStart: Date }[]>`
    INSERT INTO "SignInThrottle" AS t ("key", "windowStart", "attempts") VALUES (${key}, ${now}, 1)
    ON CONFLICT ("key") DO UPDATE SET
      "attempts" = CASE WHEN t."windowStart" <= ${windowStart} THEN 1 ELSE LEAST(t."attempts" + 1, ${limit + 2}::int) END,
      "windowStart" = CASE WHEN t."windowStart" <= ${windowStart} THEN ${now} ELSE t."windowStart" END
    RETURNING "attempts", "windowStart"`;
  return row ?? null;
}

/**
 * The account of an address, and the organizations it is a member of. One query, so that an address without an account
 * takes as long.
 */
export async function findAccountByEmail(db: Db, email: string): Promise<{ userId: string; orgIds: string[] } | null> {
  const rows = await db.$queryRaw<{ userId: string; orgId: string | null }[]>`
    SELECT u."id" AS "userId", m."orgId" FROM "User" u LEFT JOIN "Member" m ON m."userId" = u."id"
    WHERE u."email" = ${email}`;
  const [first] = rows;
  return first ? { userId: first.userId, orgIds: rows.flatMap(({ orgId }) => orgId ?? []) } : null;
}

/** The organizations that a person is a member of. */
export async function findOrgIds(db: Pick<Db, 'member'>, userId: string): Promise<string[]> {
  const members = await db.member.findMany({ where: { userId }, select: { orgId: true } });
  return members.map(({ orgId }) => orgId);
}
