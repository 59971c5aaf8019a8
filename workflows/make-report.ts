import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

export type MakeReportInput = { orgId: string; serverId: string; heartbeatSeconds: number };

/** Reports of one execution, which keeps its history short. Reconcile starts what is due after that. */
const maxReports = 10;

/** Makes the report that is due on a server, and the next where the server was synced meanwhile. */
export async function makeReport({ orgId, serverId, heartbeatSeconds }: MakeReportInput): Promise<void> {
  const { makeDueReport } = proxyActivities<Activities>({
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: heartbeatSeconds * 1000,
    retry: { maximumAttempts: 5, initialInterval: '10 seconds', maximumInterval: '5 minutes' },
  });
  for (let report = 0; report < maxReports; report++) {
    const { isDue } = await makeDueReport({ orgId, serverId });
    if (!isDue) return;
  }
}
