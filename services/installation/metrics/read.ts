import { z } from 'zod';
import {
  countChecksToday,
  countMonitors,
  countOpenIncidents,
  countPendingDeliveries,
  countRecentDeliveries,
  countRecentRuns,
  countUnfinishedRuns,
  countUnsyncedSchedules,
  findCheckLateness,
  findMaxOverdueSeconds,
  findRunLateness,
  type LabelCount,
  limitStatements,
  type Quantiles,
} from '../../../infra/db/queries/metrics.ts';
import { countProductCallsToday } from '../../../infra/db/queries/product-mcp.ts';
import { useCase } from '../../context/use-case.ts';

/** Time limit of one query: a scrape must not slow the database down. */
const queryTimeoutMs = 3000;

/** Figures of the whole installation. They contain no id, no name and nothing of one organization. */
export type Figures = {
  /** Since 00:00 UTC, by outcome, `not_reached` and `maintenance` beside the four. */
  checksToday: LabelCount[];
  /** Calls of Product MCPs since 00:00 UTC, by outcome. */
  productCallsToday: LabelCount[];
  /** Runs created in the last hour, by status. */
  runsLastHour: LabelCount[];
  /** `pending` and `running`, however old. */
  runsUnfinished: LabelCount[];
  monitors: LabelCount[];
  /** Schedules that still have to follow their rows, by kind. */
  schedulesUnsynced: LabelCount[];
  deliveriesLastHour: LabelCount[];
  deliveriesPending: { count: number; oldestSeconds: number };
  incidentsOpen: { kind: string; level: string; count: number }[];
  tickLateness: Quantiles;
  runLateness: Quantiles;
  /** Seconds by which the most overdue active monitor's next check is late; 0 when none is. */
  monitorsOverdueSeconds: number;
};
export type { Quantiles };

/**
 * Reads the figures of `/metrics`, each by a query within an index and a window. The endpoint (api/system/metrics.ts)
 * decides about access: it is for operators, not members.
 */
export const readMetrics = useCase({
  name: 'metrics.read',
  access: 'anyone',
  input: z.object({}),
  run: ({ db }): Promise<Figures> =>
    db.$transaction(
      async (tx) => {
        await limitStatements(tx, queryTimeoutMs);
        return {
          checksToday: await countChecksToday(tx),
          productCallsToday: await countProductCallsToday(tx),
          runsLastHour: await countRecentRuns(tx),
          runsUnfinished: await countUnfinishedRuns(tx),
          deliveriesLastHour: await countRecentDeliveries(tx),
          deliveriesPending: await countPendingDeliveries(tx),
          monitors: await countMonitors(tx),
          schedulesUnsynced: await countUnsyncedSchedules(tx),
          incidentsOpen: await countOpenIncidents(tx),
          tickLateness: await findCheckLateness(tx),
          runLateness: await findRunLateness(tx),
          monitorsOverdueSeconds: await findMaxOverdueSeconds(tx),
        };
      },
      { timeout: 15_000 },
    ),
});
