import { z } from 'zod';
import { givenId } from '../../../domain/values/id.ts';
import { useCase } from '../../context/use-case.ts';

type Named = { id: string; name: string };

/** How many of each are offered. */
const most = 200;

/**
 * What lists can be filtered by: the newest servers and workflows of the workspace by name, archived ones left out but
 * for those that are chosen. Names alone: a list of them must not cost what their pages cost.
 */
export const listFilters = useCase({
  name: 'run.filters',
  access: 'viewer',
  input: z.object({ serverId: givenId.optional(), workflowId: givenId.optional() }),
  async run({ db, orgId }, { serverId, workflowId }): Promise<{ servers: Named[]; workflows: Named[] }> {
    const newest = { orderBy: [{ createdAt: 'desc' as const }, { id: 'desc' as const }], take: most };
    const select = { id: true, name: true };
    const [servers, workflows, server, workflow] = await Promise.all([
      db.server.findMany({ where: { orgId, archivedAt: null }, ...newest, select }),
      db.workflow.findMany({ where: { orgId, state: { not: 'archived' } }, ...newest, select }),
      serverId === undefined ? null : db.server.findFirst({ where: { orgId, id: serverId }, select }),
      workflowId === undefined ? null : db.workflow.findFirst({ where: { orgId, id: workflowId }, select }),
    ]);
    return { servers: withChosen(servers, server), workflows: withChosen(workflows, workflow) };
  },
});

const withChosen = (offered: Named[], chosen: Named | null): Named[] =>
  chosen && !offered.some(({ id }) => id === chosen.id) ? [chosen, ...offered] : offered;
