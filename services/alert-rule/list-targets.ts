import { z } from 'zod';
import { givenId } from '../../domain/values/id.ts';
import { useCase } from '../context/use-case.ts';

type Named = { id: string; name: string };

/** Targets of each kind: what a list shows before somebody searches. */
const maxTargets = 30;

/**
 * Names of the workflows, monitors and servers that a rule can have as target, newest first, at most 30 of each.
 * Archived ones are left out, except the chosen one. `search`: a part of the name.
 */
export const listRuleTargets = useCase({
  name: 'alert_rule.list_targets',
  access: 'viewer',
  input: z.object({ chosenId: givenId.optional(), search: z.string().max(200).optional() }),
  async run(
    { db, orgId },
    { chosenId, search },
  ): Promise<{ workflows: Named[]; monitors: (Named & { serverName: string })[]; servers: Named[] }> {
    const newest = { orderBy: [{ createdAt: 'desc' as const }, { id: 'desc' as const }], take: maxTargets };
    const named = { id: true, name: true } as const;
    const namedMonitor = { ...named, server: { select: { name: true } } } as const;
    const matches = search ? { name: { contains: search, mode: 'insensitive' as const } } : {};
    const chosen = chosenId === undefined ? null : { orgId, id: chosenId };
    const [workflows, monitors, servers, workflow, monitor, server] = await Promise.all([
      db.workflow.findMany({ where: { orgId, state: { not: 'archived' }, ...matches }, ...newest, select: named }),
      db.monitor.findMany({ where: { orgId, archivedAt: null, ...matches }, ...newest, select: namedMonitor }),
      db.server.findMany({ where: { orgId, archivedAt: null, ...matches }, ...newest, select: named }),
      chosen && db.workflow.findFirst({ where: chosen, select: named }),
      chosen && db.monitor.findFirst({ where: chosen, select: namedMonitor }),
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

const withChosen = <T extends Named>(targets: T[], chosen: T | null): T[] =>
  chosen && !targets.some(({ id }) => id === chosen.id) ? [chosen, ...targets] : targets;
