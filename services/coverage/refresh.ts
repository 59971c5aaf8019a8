import { z } from 'zod';
import { toJson, useCase } from '../context/use-case.ts';
import { runNotFound } from '../run/errors.ts';
import { loadWindows } from './facts.ts';

/**
 * Stores the run window of a run's server after that run, which reads the calls of the runs that aren't stored yet. Two
 * concurrent refreshes may overwrite each other; the next read of the window adds what is missing.
 * @throws ArmatureError `run_not_found`
 */
export const refreshCoverage = useCase({
  name: 'coverage.refresh',
  access: 'system',
  input: z.object({ runId: z.uuid() }),
  async run({ db, orgId, now }, { runId }): Promise<{ serverId: string; runCount: number }> {
    const run = await db.run.findFirst({ where: { orgId, id: runId }, select: { serverId: true } });
    if (!run) throw runNotFound();
    const { serverId } = run;
    const runs = (await loadWindows(db, { orgId, serverIds: [serverId] })).get(serverId)?.runs ?? [];
    const stored = { window: toJson(runs), refreshedAt: now() };
    await db.serverCoverage.upsert({
      where: { orgId_serverId: { orgId, serverId } },
      create: { orgId, serverId, ...stored },
      update: stored,
    });
    return { serverId, runCount: runs.length };
  },
});
