import { z } from 'zod';

/** How Prisma passes on an error of Postgres to a raw query. */
const rawQueryError = z.object({
  meta: z.object({ driverAdapterError: z.object({ cause: z.object({ originalCode: z.string() }) }) }),
});

/** Postgres' SQLSTATE of a raw query that failed; null for any other error. */
export const getSqlState = (error: unknown): string | null =>
  rawQueryError.safeParse(error).data?.meta.driverAdapterError.cause.originalCode ?? null;
