import { z } from 'zod';
import { useCase } from '../context/use-case.ts';
import { loadCoverageFigures } from './get.ts';

const maxServers = 200;

export const serverCoverage = z.object({
  serverId: z.uuid(),
  serverName: z.string(),
  coveredCount: z.int(),
  toolCount: z.int(),
  percent: z.number().nullable().describe('Null without tools.'),
});

/** How many tools of each server its workflows exercise, least covered first. Of at most 200 servers. */
export const listCoverage = useCase({
  name: 'coverage.list',
  access: 'viewer',
  input: z.object({}),
  async run({ db, orgId }): Promise<{ servers: z.infer<typeof serverCoverage>[] }> {
    const servers = await db.server.findMany({
      where: { orgId, archivedAt: null },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      take: maxServers,
      select: { id: true, name: true },
    });
    const figures = await loadCoverageFigures(db, { orgId, serverIds: servers.map(({ id }) => id) });
    return {
      servers: servers
        .flatMap(({ id, name }) => {
          const coverage = figures.get(id);
          return coverage ? [{ serverId: id, serverName: name, ...coverage }] : [];
        })
        .sort((a, b) => (a.percent ?? 101) - (b.percent ?? 101)),
    };
  },
});
