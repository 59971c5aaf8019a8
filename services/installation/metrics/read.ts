import { z } from 'zod';
import type { Tx } from '../../../infra/db/index.ts';
import { useCase } from '../../context/use-case.ts';
import { monitorsOverdue, runLateness, tickLateness } from './lateness.ts';

const counted = z.array(z.object({ label: z.string(), count: z.int() }));
type Counted = z.infer<typeof counted>;

/** Longest that one question to the database may take; a scrape must never be what slows it down. */
const timeLimitMs = 3000;

/** Figures of the whole installation. They hold no id, no name and nothing of one organization. */
export type Figures = {
  /** Since 00:00 UTC, by outcome, `not_reached` and `maintenance` beside the four. */
  checksToday: Counted;
  /** Runs made in the last hour, by status. */
  runsLastHour: Counted;
  /** `pending` and `running`, however old. */
  runsUnfinished: Counted;
  monitors: Counted;
  /** Schedules that still have to follow their rows, by kind. */
  schedulesUnsynced: Counted;
  deliveriesLastHour: Counted;
  deliveriesPending: { count: number; oldestSeconds: number };
  incidentsOpen: { kind: string; level: string; count: number }[];
  tickLateness: Quantiles;
  runLateness: Quantiles;
  /** By which the most overdue active monitor's next check is late; 0 when none is. */
  monitorsOverdueSeconds: number;
};
export type Quantiles = { p50: number; p95: number; max: number };

/**
 * What `/metrics` tells, by a handful of questions that each stay within an index and a window. Access is the endpoint's to decide
 * (api/system/metrics.ts): it is an operator's, not a member's.
 */
export const readMetrics = useCase({
  name: 'metrics.read',
  access: 'anyone',
  input: z.object({}),
  run: ({ db }): Promise<Figures> =>
    db.$transaction(
      async (tx) => {
        await tx.$executeRawUnsafe(`SET LOCAL statement_timeout = ${timeLimitMs}`);
        const [checks, runs, unfinished, deliveries, pending] = [
          await checksToday(tx),
          await runsLastHour(tx),
          await runsUnfinished(tx),
          await deliveriesLastHour(tx),
          await deliveriesPending(tx),
        ];
        return {
          checksToday: checks,
          runsLastHour: runs,
          runsUnfinished: unfinished,
          deliveriesLastHour: deliveries,
          deliveriesPending: pending,
          monitors: await monitors(tx),
          schedulesUnsynced: await schedulesUnsynced(tx),
          incidentsOpen: await incidentsOpen(tx),
          tickLateness: await tickLateness(tx),
          runLateness: await runLateness(tx),
          monitorsOverdueSeconds: await monitorsOverdue(tx),
        };
      },
      { timeout: 15_000 },
    ),
});

// Tables are indexed by organization first: going through the organizations keeps each question in its index.

async function checksToday(tx: Tx): Promise<Counted> {
  const [row] = await tx.$queryRaw<{ [outcome: string]: number }[]>`
    SELECT coalesce(sum(d."pass"), 0)::int AS "pass", coalesce(sum(d."degraded"), 0)::int AS "degraded",
      coalesce(sum(d."fail"), 0)::int AS "fail", coalesce(sum(d."error"), 0)::int AS "error",
      coalesce(sum(d."notReached"), 0)::int AS "not_reached", coalesce(sum(d."inMaintenance"), 0)::int AS "maintenance"
    FROM "Organization" o JOIN LATERAL (
      SELECT * FROM "CheckDay" c
      WHERE c."orgId" = o."id" AND c."day" = date_trunc('day', now(), 'UTC')) d ON true`;
  return Object.entries(row ?? {}).map(([label, count]) => ({ label, count }));
}

const runsLastHour = (tx: Tx): Promise<Counted> => tx.$queryRaw<Counted>`
  SELECT r."status" AS "label", sum(r."count")::int AS "count" FROM "Organization" o JOIN LATERAL (
    SELECT "status", count(*) AS "count" FROM "Run"
    WHERE "orgId" = o."id" AND "createdAt" >= now() - interval '1 hour' GROUP BY "status") r ON true
  GROUP BY r."status"`;

const runsUnfinished = (tx: Tx): Promise<Counted> => tx.$queryRaw<Counted>`
  SELECT r."status" AS "label", sum(r."count")::int AS "count" FROM "Organization" o JOIN LATERAL (
    SELECT "status", count(*) AS "count" FROM "Run"
    WHERE "orgId" = o."id" AND "status" IN ('pending', 'running') GROUP BY "status") r ON true
  GROUP BY r."status"`;

const deliveriesLastHour = (tx: Tx): Promise<Counted> => tx.$queryRaw<Counted>`
  SELECT d."state" AS "label", sum(d."count")::int AS "count" FROM "Organization" o JOIN LATERAL (
    SELECT "state", count(*) AS "count" FROM "Delivery"
    WHERE "orgId" = o."id" AND "createdAt" >= now() - interval '1 hour' GROUP BY "state") d ON true
  GROUP BY d."state"`;

async function deliveriesPending(tx: Tx): Promise<Figures['deliveriesPending']> {
  const [row] = await tx.$queryRaw<{ count: number; oldestSeconds: number }[]>`
    SELECT count(*)::int AS "count",
      coalesce(extract(epoch FROM now() - min("createdAt")), 0)::float8 AS "oldestSeconds"
    FROM "Delivery" WHERE "state" = 'pending'`;
  return row ?? { count: 0, oldestSeconds: 0 };
}

const monitors = (tx: Tx): Promise<Counted> => tx.$queryRaw<Counted>`
  SELECT "state" AS "label", count(*)::int AS "count" FROM "Monitor" WHERE "state" <> 'archived' GROUP BY "state"`;

const schedulesUnsynced = (tx: Tx): Promise<Counted> => tx.$queryRaw<Counted>`
  SELECT 'workflow' AS "label", count(*)::int AS "count" FROM "Workflow"
  WHERE "scheduleSyncedRevision" < "scheduleRevision"
  UNION ALL
  SELECT 'monitors', count(*)::int FROM "MonitorSchedule" WHERE "syncedRevision" < "revision"`;

const incidentsOpen = (tx: Tx): Promise<Figures['incidentsOpen']> => tx.$queryRaw<Figures['incidentsOpen']>`
  SELECT "subjectKind" AS "kind", "level", count(*)::int AS "count" FROM "Incident"
  WHERE "closedAt" IS NULL GROUP BY "subjectKind", "level"`;
