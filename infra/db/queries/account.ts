import type { Db } from '../index.ts';

/** Counts an attempt in its window, up to one more than the limit. A window that has passed starts again. */
export async function countThrottledAttempt(
  db: Db,
  { key, limit, windowStart, now }: { key: string; limit: number; windowStart: Date; now: Date },
): Promise<{ attempts: number; windowStart: Date } | null> {
  const [row] = await db.$queryRaw<{ attempts: number; windowStart: Date }[]>`
    INSERT INTO "SignInThrottle" AS t ("key", "windowStart", "attempts") VALUES (${key}, ${now}, 1)
    ON CONFLICT ("key") DO UPDATE SET
      "attempts" = CASE WHEN t."windowStart" <= ${windowStart} THEN 1 ELSE LEAST(t."attempts" + 1, ${limit + 1}::int) END,
      "windowStart" = CASE WHEN t."windowStart" <= ${windowStart} THEN ${now} ELSE t."windowStart" END
    RETURNING "attempts", "windowStart"`;
  return row ?? null;
}
