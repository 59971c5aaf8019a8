import { z } from 'zod';
import { useCase } from '../context/use-case.ts';

type Named = { id: string; name: string };

/** How many of each are offered. */
const most = 200;

/**
 * What a rule can watch, by name, the newest first; what was archived is left out, but for the one that is chosen. Names alone: a list
 * to choose from must not cost what the pages cost.
 */
export const listRuleTargets = useCase({
  name: 'alert_rule.list_targets',
  access: 'viewer',
  input: z.object({ chosenId: z.uuid().optional() }),
  async run(
    { db, orgId },
    { chosenId },
  ): Promise<{ workflows: Named[]; monitors: (Named & { serverName: string })[]; servers: Named[] }> {
    const newest = { orderBy: [{ createdAt: 'desc' as const }, { id: 'desc' as const }], take: most };
    const named = { id: true, name: true } as const;
    const ofMonitor = { ...named, server: { select: { name: true } } } as const;
    const chosen = chosenId === undefined ? null : { orgId, id: chosenId };
    const [workflows, monitors, servers, workflow, monitor, server] = await Promise.all([
      db.workflow.findMany({ where: { orgId, state: { not: 'archived' } }, ...newest, select: named }),
      db.monitor.findMany({ where: { orgId, archivedAt: null }, ...newest, select: ofMonitor }),
      db.server.findMany({ where: { orgId, archivedAt: null }, ...newest, select: named }),
      chosen && db.workflow.findFirst({ where: chosen, select: named }),
      chosen && db.monitor.findFirst({ where: chosen, select: ofMonitor }),
      chosen && db.server.findFirst({ where: chosen, select: named }),
    ]);
    return {
      workflows: withChosen(workflows, workflow),
      monitors: withChosen(monitors, monitor).map(({ id, name, server: { name: serverName } }) => ({
        id,
        name,
        serverName,
      })),
      servers: withChosen(servers, server),
    };
  },
});

const withChosen = <T extends Named>(offered: T[], chosen: T | null): T[] =>
  chosen && !offered.some(({ id }) => id === chosen.id) ? [chosen, ...offered] : offered;
