import { z } from 'zod';
import { toJson, useCase } from '../context/use-case.ts';
import { runNotFound } from '../run/errors.ts';
import { loadWindows } from './facts.ts';

/**
 * Keeps what the latest runs of a run's server called, after that run. Costs the calls of the runs that are not kept yet, normally this
 * one's. Two at once may overwrite one another: what one of them leaves out is added when the window is read next.
 * @throws ArmatureError `run_not_found`
 */
export const refreshCoverage = useCase({
  name: 'coverage.refresh',
  access: 'system',
  input: z.object({ runId: z.uuid() }),
  async run({ db, orgId, now }, { runId }): Promise<{ serverId: string; runCount: number }> {
    const run = await db.run.findFirst({ where: { orgId, id: runId }, select: { serverId: true } });
    if (!run) throw runNotFound(runId);
    const { serverId } = run;
    const runs = (await loadWindows(db, { orgId, serverIds: [serverId] })).get(serverId)?.runs ?? [];
    const kept = { window: toJson(runs), refreshedAt: now() };
    await db.serverCoverage.upsert({
      where: { orgId_serverId: { orgId, serverId } },
      create: { orgId, serverId, ...kept },
      update: kept,
    });
    return { serverId, runCount: runs.length };
  },
});
